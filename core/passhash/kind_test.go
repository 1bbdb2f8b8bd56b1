package passhash_test

import (
	"strings"
	"testing"

	"rekey/core"
	"rekey/core/passhash"
)

func TestAKindTellsSchemeAndCostAndNothingElse(t *testing.T) {
	for setting, want := range map[string]passhash.Kind{
		"":                               {Scheme: "none"},
		"$argon2id$v=19$m=19456,t=2,p=1": {Scheme: "argon2id", Cost: "m=19456,t=2,p=1"},
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=k2026": {Scheme: "argon2id", Cost: "m=64,t=1,p=1", Key: "k2026"},
		"$2a$12":                {Scheme: "bcrypt", Cost: "12"},
		"$2y$10":                {Scheme: "bcrypt", Cost: "10"},
		"$scrypt$ln=14,r=8,p=1": {Scheme: "scrypt", Cost: "ln=14,r=8,p=1"},
		"$pbkdf2-sha256$29000":  {Scheme: "pbkdf2-sha256", Cost: "29000"},
		"$md5$a-salt":           {Scheme: "other"},
		"$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ": {Scheme: "other"},
		"$2a$hunter2": {Scheme: "other"},
		"hunter2":     {Scheme: "other"},
		"$argon2id-hmac-sha256$v=19$m=64,keyid=A/B": {Scheme: "other"},
	} {
		if got := passhash.KindOf(setting); got != want {
			t.Errorf("%q: got %+v, want %+v", setting, got, want)
		}
	}
}

func TestTheAgeOfAHashIsWhatItDiffersIn(t *testing.T) {
	config := passhash.ForTests()
	peppered := passhash.Pepper{Active: "new", Keys: map[string][]byte{"new": make([]byte, 32), "old": make([]byte, 32)}}
	idle := passhash.Pepper{Keys: peppered.Keys}
	bcrypt := config
	bcrypt.Scheme = passhash.Bcrypt
	const argon, keyed = "$argon2id$v=19$m=64,t=1,p=1", "$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid="
	for _, c := range []struct {
		name    string
		config  passhash.Config
		pepper  passhash.Pepper
		setting string
		want    passhash.Age
	}{
		{"the same", config, passhash.Pepper{}, argon, passhash.Current},
		{"no password", config, peppered, "", passhash.Current},
		{"another cost", config, passhash.Pepper{}, "$argon2id$v=19$m=64,t=2,p=1", passhash.OldCost},
		{"another scheme", config, passhash.Pepper{}, "$argon2i$v=19$m=64,t=1,p=1", passhash.OldScheme},
		{"what nobody knows", config, passhash.Pepper{}, "hunter2", passhash.OldScheme},
		{"the active key", config, peppered, keyed + "new", passhash.Current},
		{"an older key", config, peppered, keyed + "old", passhash.OldPepper},
		{"no key yet", config, peppered, argon, passhash.OldPepper},
		{"a key, where none is active", config, idle, keyed + "old", passhash.OldPepper},
		{"bcrypt's other letter", bcrypt, passhash.Pepper{}, "$2b$04", passhash.Current},
		{"bcrypt's other cost", bcrypt, passhash.Pepper{}, "$2b$05", passhash.OldCost},
		{"argon2id under bcrypt", bcrypt, passhash.Pepper{}, argon, passhash.OldScheme},
	} {
		pool, err := passhash.NewPeppered(c.config, strings.NewReader(strings.Repeat("x", 100)), c.pepper)
		if err != nil {
			t.Fatal(err)
		}
		if got := pool.Age(passhash.KindOf(c.setting)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// What the pool makes is current, whatever makes it.
func TestAFreshHashIsCurrent(t *testing.T) {
	for _, scheme := range []passhash.Scheme{passhash.Argon2id, passhash.Bcrypt} {
		config := passhash.ForTests()
		config.Scheme = scheme
		pool, err := passhash.New(config, strings.NewReader(strings.Repeat("x", 100)))
		if err != nil {
			t.Fatal(err)
		}
		made, err := pool.Hash(t.Context(), core.NewPassword("a fresh one"))
		if err != nil {
			t.Fatal(err)
		}
		setting := made[:strings.LastIndexByte(made, '$')]
		if scheme == passhash.Argon2id {
			setting = setting[:strings.LastIndexByte(setting, '$')]
		}
		if got := pool.Age(passhash.KindOf(setting)); got != passhash.Current {
			t.Errorf("%s: %q is %q", scheme, setting, got)
		}
	}
}
