package passhash

// Decoy returns the setting that is derived under where no hash is stored.
func (p *Pool) Decoy() string { return p.decoy.setting() }

// SharesMemory reports whether derivations of both pools work in the same memory.
func (p *Pool) SharesMemory(other *Pool) bool { return p.means.memory == other.means.memory }
