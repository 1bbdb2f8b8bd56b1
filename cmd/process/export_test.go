package process

// ReadCores is what tests give texts to.
var ReadCores = cores
