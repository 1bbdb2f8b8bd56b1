package config

import (
	"rekey/config/secret"
	"rekey/core/passhash"
)

// Pepper is the section of the keys that password hashes are keyed with, kept apart from the database.
type Pepper struct {
	// Active is the id of the key that new hashes get. NoPepper makes them without one, while the keys still verify.
	Active string `key:"active"`
	// Keys are 32 random bytes each, in base64, by id. One must stay for as long as a hash is under it.
	Keys map[string]secret.Value `key:"keys"`
}

// NoPepper stands for no active key, in words: it is easily forgotten to name one.
const NoPepper = "none"

// Material returns the keys for the hasher. The section has been validated.
func (p Pepper) Material() passhash.Pepper {
	pepper := passhash.Pepper{Active: p.Active, Keys: material(p.Keys)}
	if p.Active == NoPepper {
		pepper.Active = ""
	}
	return pepper
}

func (p Pepper) validate(scheme passhash.Scheme, report func(key, problem string)) {
	_, known := p.Keys[p.Active]
	switch {
	case len(p.Keys) == 0 && (p.Active == "" || p.Active == NoPepper):
		return
	case !known && p.Active != NoPepper:
		report("active", "name one of the keys, or write none: then they verify older hashes and new ones have no pepper")
	case known && scheme == passhash.Bcrypt:
		report("active", "write none, or choose the scheme argon2id: bcrypt is for hashes that other systems read, and they cannot read these")
	}
	validateKeys(p.Keys, func(id, problem string) { report("keys."+id, problem) })
	for id := range p.Keys {
		if !passhash.ValidKeyID(id) || id == NoPepper {
			report("keys."+id, "name keys with lower-case letters, digits and -, at most 32, and not none: the name stands in every hash")
		}
	}
}

// validateApart holds that no key has two uses: what is learnt of one would tell
// of the other, and they could not be rotated apart.
func (p Pepper) validateApart(s Sealing, report func(key, problem string)) {
	for _, other := range repeated(p.Keys, s.Keys) {
		report("keys."+other.of, "make a key of its own; sealing.keys."+other.like+" is the same")
	}
}
