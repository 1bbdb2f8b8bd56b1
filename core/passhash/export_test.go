package passhash

// Decoy returns the setting that is derived under where no hash is stored.
func (p *Pool) Decoy() string { return p.decoy.setting() }
