package config

import (
	"encoding/base64"
	"maps"
	"slices"

	"rekey/config/secret"
	"rekey/core/seal"
)

// material returns the bytes of keys that have been validated, by id.
func material(keys map[string]secret.Value) map[string][]byte {
	bytes := map[string][]byte{}
	for id, value := range keys {
		bytes[id], _ = base64.StdEncoding.DecodeString(value.Reveal())
	}
	return bytes
}

// validateKeys reports, by id, keys that are no 32 bytes, and equal ones.
func validateKeys(keys map[string]secret.Value, report func(id, problem string)) {
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		if !isKey(keys[id]) {
			report(id, "write 32 random bytes in base64, as `openssl rand -base64 32` makes them")
		}
	}
	for _, pair := range repeated(keys, keys) {
		if pair.like < pair.of {
			report(pair.of, "make a key of its own; "+pair.like+" is the same")
		}
	}
}

func isKey(v secret.Value) bool {
	key, err := base64.StdEncoding.DecodeString(v.Reveal())
	return err == nil && len(key) == seal.KeySize
}

// pair names two keys that are the same.
type pair struct{ of, like string }

// repeated returns the keys of one table that are in the other.
func repeated(one, other map[string]secret.Value) (found []pair) {
	for _, id := range slices.Sorted(maps.Keys(one)) {
		for _, like := range slices.Sorted(maps.Keys(other)) {
			if isKey(one[id]) && one[id].Reveal() == other[like].Reveal() {
				found = append(found, pair{id, like})
			}
		}
	}
	return found
}
