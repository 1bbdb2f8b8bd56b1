package passhash_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"rekey/core"
	"rekey/core/passhash"
)

// counted is the key 00 01 02 …, that the vectors were made under.
var counted = []byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f")

// pepperOf returns keys of these ids, of which the first is active.
func pepperOf(active string, older ...string) passhash.Pepper {
	p := passhash.Pepper{Active: active, Keys: map[string][]byte{active: bytes.Repeat([]byte(active[:1]), 32)}}
	for _, id := range older {
		p.Keys[id] = bytes.Repeat([]byte(id[:1]), 32)
	}
	return p
}

func newPeppered(tb testing.TB, c passhash.Config, p passhash.Pepper) *passhash.Pool {
	tb.Helper()
	pool, err := passhash.NewPeppered(c, zeros{}, p)
	if err != nil {
		tb.Fatal(err)
	}
	return pool
}

// The outputs of argon2's own test.c (see vectors_test.go), keyed by openssl:
//
//	(printf 'rekey pepper v1\0'; echo OUTPUT= | openssl base64 -d) |
//	openssl mac -digest SHA256 -macopt hexkey:000102…1f -binary HMAC | openssl base64
//
// and by Python's hmac, with one result.
func TestVerifiesWhatOpenSSLPeppered(t *testing.T) {
	pool := newPeppered(t, passhash.ForTests(), passhash.Pepper{Keys: map[string][]byte{"k2026": counted}})
	for _, stored := range []string{
		"$argon2id-hmac-sha256$v=19$m=256,t=2,p=1,keyid=k2026$c29tZXNhbHQ$aDy9c4zH508Q2O8x17Rcd7kTbQCYQIPU/O+04KTtJXY",
		"$argon2id-hmac-sha256$v=19$m=256,t=2,p=2,keyid=k2026$c29tZXNhbHQ$L0KGi1+f1//Q5xbDxpsdYrYxvEmzyHfcBxqEzPtg3uA",
	} {
		for password, want := range map[string]bool{"password": true, "Password": false, "": false} {
			if got, err := pool.Verify(t.Context(), core.NewPassword(password), stored); got != want || err != nil {
				t.Errorf("Verify(%q, %q) = %v, %v; want %v", password, stored, got, err, want)
			}
		}
		bare := strings.Replace(strings.Replace(stored, "-hmac-sha256", "", 1), ",keyid=k2026", "", 1)
		if got, err := pool.Verify(t.Context(), core.NewPassword("password"), bare); got || err != nil {
			t.Errorf("without its pepper's name, %q verifies: %v, %v", bare, got, err)
		}
	}
}

func TestANewHashNamesTheActiveKeyAndVerifiesUnderItAlone(t *testing.T) {
	pool := newPeppered(t, passhash.ForTests(), pepperOf("new", "old"))
	made, err := pool.Hash(t.Context(), ada)
	const prefix = "$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=new$AAAAAAAAAAAAAAAAAAAAAA$"
	if err != nil || !strings.HasPrefix(made, prefix) {
		t.Fatalf("Hash = %q, %v; want prefix %q", made, err, prefix)
	}
	for password, want := range map[core.Password]bool{ada: true, core.NewPassword("Correct horse"): false} {
		if got, err := pool.Verify(t.Context(), password, made); got != want || err != nil {
			t.Errorf("Verify(%q) = %v, %v; want %v", password.Reveal(), got, err, want)
		}
	}
	other := strings.Replace(made, "keyid=new", "keyid=old", 1)
	if got, err := pool.Verify(t.Context(), ada, other); got || err != nil {
		t.Errorf("under another key's name it verifies: %v, %v", got, err)
	}
	bare := newPool(t, passhash.ForTests())
	plain, err := bare.Hash(t.Context(), ada)
	if err != nil || plain[strings.LastIndexByte(plain, '$'):] == made[strings.LastIndexByte(made, '$'):] {
		t.Errorf("the pepper changes nothing: %q, %q, %v", plain, made, err)
	}
}

// Rotation: what was made before the key, and under the one before it, is
// verified for as long as that is there, and a key that is kept makes no new hashes.
func TestOlderHashesVerify(t *testing.T) {
	stages := []passhash.Pepper{{}, pepperOf("first"), pepperOf("second", "first"), {Keys: pepperOf("second", "first").Keys}}
	var made []string
	for i, p := range stages {
		hash, err := newPeppered(t, passhash.ForTests(), p).Hash(t.Context(), ada)
		if err != nil || strings.Contains(hash, "keyid=") != (p.Active != "") || !strings.Contains(hash, p.Active) {
			t.Errorf("stage %d: got %q, %v", i, hash, err)
		}
		made = append(made, hash)
		for _, stored := range append(made, vectors[0].hash, vectors[4].hash) {
			password := ada
			if stored == vectors[0].hash {
				password = core.NewPassword(vectors[0].password)
			}
			if ok, err := newPeppered(t, passhash.ForTests(), p).Verify(t.Context(), password, stored); !ok || err != nil {
				t.Errorf("stage %d: Verify(%q) = %v, %v", i, stored, ok, err)
			}
		}
	}
}

func TestAHashWhoseKeyIsGoneIsInternalAndNamesTheKey(t *testing.T) {
	before := newPeppered(t, passhash.ForTests(), pepperOf("first"))
	made, err := before.Hash(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]passhash.Pepper{"none": {}, "another": pepperOf("second")} {
		pool := newPeppered(t, passhash.ForTests(), p)
		ok, err := pool.Verify(t.Context(), ada, made)
		_, derived := pool.Derive(t.Context(), ada, before.Setting(counted))
		for _, err := range []error{err, derived} {
			var missing passhash.MissingKey
			if ok || core.CodeOf(err) != core.Internal || !errors.As(err, &missing) || missing != "first" {
				t.Errorf("%s: got %v, %v; want internal and the key's name", name, ok, err)
			}
		}
		if n := pool.Stats().Derived; n != 0 {
			t.Errorf("%s: %d derivations were run", name, n)
		}
	}
}

func TestAPepperPrintsAsAMask(t *testing.T) {
	var log bytes.Buffer
	p := pepperOf("key")
	slog.New(slog.NewTextHandler(&log, nil)).Info("made", "pepper", p)
	for _, printed := range []string{log.String(), fmt.Sprintf("%v %+v %#v %s %x", p, p, p, p, p), fmt.Sprint(struct{ P passhash.Pepper }{p})} {
		if !strings.Contains(printed, core.Mask) || strings.Contains(printed, "kkk") || strings.Contains(printed, "107") || strings.Contains(printed, "6b6b") {
			t.Errorf("it prints as %s", printed)
		}
	}
}

func TestHistoryIsPeppered(t *testing.T) {
	pool := newPeppered(t, passhash.ForTests(), pepperOf("key"))
	setting := pool.Setting([]byte("a history salt"))
	if want := "$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=key$YSBoaXN0b3J5IHNhbHQ"; setting != want {
		t.Errorf("Setting = %q, want %q", setting, want)
	}
	first, err := pool.Derive(t.Context(), ada, setting)
	again, _ := pool.Derive(t.Context(), ada, setting)
	if err != nil || first != again || first[:strings.LastIndexByte(first, '$')] != setting {
		t.Errorf("Derive = %q and %q, %v", first, again, err)
	}
	if ok, err := pool.Verify(t.Context(), ada, first); !ok || err != nil {
		t.Errorf("Verify(%q) = %v, %v", first, ok, err)
	}
	plain := newPool(t, passhash.ForTests()).Setting([]byte("a history salt"))
	if old, err := pool.Derive(t.Context(), ada, plain); err != nil || !strings.HasPrefix(old, plain+"$") || strings.HasSuffix(first, old[len(plain):]) {
		t.Errorf("an entry of before: %q, %v", old, err)
	}
}

func TestNoStoredHashCostsAsMuchAsAPepperedOne(t *testing.T) {
	config := passhash.ForTests()
	config.Argon2id.Memory = 4096
	pool := newPeppered(t, config, pepperOf("key"))
	made, err := pool.Hash(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	cost := func(stored string) float64 {
		return testing.AllocsPerRun(20, func() { _, _ = pool.Verify(t.Context(), core.NewPassword("wrong"), stored) })
	}
	start := pool.Stats().Derived
	present, missing := cost(made), cost("")
	if runs := pool.Stats().Derived - start; runs != 42 {
		t.Errorf("%d derivations for 42 questions", runs)
	}
	unkeyed := newPool(t, config)
	plain := testing.AllocsPerRun(20, func() { _, _ = unkeyed.Verify(t.Context(), core.NewPassword("wrong"), "") })
	// A present hash is parsed as well, which takes no measurable time; that the
	// missing one is keyed shows in what HMAC allocates.
	if missing < plain+5 || missing > present {
		t.Errorf("%v allocations for a peppered hash, %v for none, %v for none without a pepper", present, missing, plain)
	}
}

func TestNewRefusesAPepperThatCannotWork(t *testing.T) {
	long := strings.Repeat("k", 33)
	for name, p := range map[string]passhash.Pepper{
		"an active key that is not there": {Active: "a"},
		"a short key":                     {Keys: map[string][]byte{"a": make([]byte, 31)}},
		"a long key":                      {Keys: map[string][]byte{"a": make([]byte, 33)}},
		"no id":                           {Keys: map[string][]byte{"": counted}},
		"an id with a comma":              {Keys: map[string][]byte{"a,b": counted}},
		"an id with an underscore":        {Keys: map[string][]byte{"a_b": counted}},
		"a long id":                       {Keys: map[string][]byte{long: counted}},
	} {
		if _, err := passhash.NewPeppered(passhash.ForTests(), zeros{}, p); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := passhash.NewPeppered(under(passhash.Bcrypt), zeros{}, pepperOf("key")); err == nil {
		t.Error("bcrypt takes a pepper")
	}
	if _, err := passhash.NewPeppered(under(passhash.Bcrypt), zeros{}, passhash.Pepper{Keys: pepperOf("key").Keys}); err != nil {
		t.Errorf("bcrypt beside a key that only verifies: %v", err)
	}
}
