// Package faults breaks the database and the disk under load, one fault at a
// time, heals them again, and shows that nothing acknowledged is lost, nothing
// is half done, every answer is in its dialect, and that the same process of
// rekey serves again by itself.
package faults
