package config

import (
	"rekey/config/secret"
	"rekey/core/seal"
)

// Sealing is the section of the keys that the database's secrets lie under.
// Without any there are no one-time codes.
type Sealing struct {
	// Active is the id of the key that seals from now on.
	Active string `key:"active"`
	// Keys are 32 random bytes each, in base64, by id. One must stay for as long as something is sealed under it.
	Keys map[string]secret.Value `key:"keys"`
}

// Configured reports whether there are keys.
func (s Sealing) Configured() bool { return len(s.Keys) > 0 }

// Material returns the keys by id. The section has been validated.
func (s Sealing) Material() map[string][]byte { return material(s.Keys) }

func (s Sealing) validate(report func(key, problem string)) {
	if _, ok := s.Keys[s.Active]; !ok && (s.Active != "" || s.Configured()) {
		report("active", "name one of the keys")
	}
	for id := range s.Keys {
		if !seal.ValidID(id) {
			report("keys."+id, "name keys with lower-case letters, digits, - and _, at most 32")
		}
	}
	validateKeys(s.Keys, func(id, problem string) { report("keys."+id, problem) })
}
