package passhash_test

import (
	"bytes"
	"strings"
	"testing"

	"rekey/core"
	"rekey/core/passhash"
)

// madeBy returns a pool of the configuration and a hash of the password that it
// has made.
func madeBy(t *testing.T, password string, pepper passhash.Pepper, change func(*passhash.Config)) (*passhash.Pool, string) {
	t.Helper()
	c := passhash.ForTests()
	change(&c)
	pool, err := passhash.NewPeppered(c, bytes.NewReader(bytes.Repeat([]byte("salt"), 1000)), pepper)
	if err != nil {
		t.Fatal(err)
	}
	made, err := pool.Hash(t.Context(), core.NewPassword(password))
	if err != nil {
		t.Fatal(err)
	}
	return pool, made
}

func TestAHashIsOutdatedWhenANewOneWouldBeBetter(t *testing.T) {
	const password = "forgotten tomorrow"
	plain, none := func(*passhash.Config) {}, passhash.Pepper{}
	costing := func(memory, iterations int) func(*passhash.Config) {
		return func(c *passhash.Config) { c.Argon2id.Memory, c.Argon2id.Iterations = memory, iterations }
	}
	bcrypt := func(c *passhash.Config) { c.Scheme = passhash.Bcrypt }
	keys := map[string][]byte{"k1": bytes.Repeat([]byte("1"), 32), "k2": bytes.Repeat([]byte("2"), 32)}
	under := func(id string) passhash.Pepper { return passhash.Pepper{Active: id, Keys: keys} }
	for name, c := range map[string]struct {
		now      func(*passhash.Config)
		pepper   passhash.Pepper
		was      func(*passhash.Config)
		peppered passhash.Pepper
		want     bool
	}{
		"as it would be":         {plain, none, plain, none, false},
		"of another scheme":      {plain, none, bcrypt, none, true},
		"and the other way":      {bcrypt, none, plain, none, true},
		"of less memory":         {costing(128, 1), none, costing(64, 1), none, true},
		"of fewer rounds":        {costing(64, 2), none, costing(64, 1), none, true},
		"of as much work":        {costing(64, 2), none, costing(128, 1), none, false},
		"of more work":           {costing(64, 1), none, costing(256, 3), none, false},
		"without the pepper":     {plain, under("k1"), plain, none, true},
		"under the older pepper": {plain, under("k2"), plain, under("k1"), true},
		"under the pepper":       {plain, under("k2"), plain, under("k2"), false},
	} {
		now, _ := madeBy(t, password, c.pepper, c.now)
		_, stored := madeBy(t, password, c.peppered, c.was)
		if got := now.Outdated(core.NewPassword(password), stored); got != c.want {
			t.Errorf("a hash %s: outdated %v, want %v", name, got, c.want)
		}
	}
}

// Of a password that was cut there are many that verify: a new hash would choose
// one of them.
func TestAHashOfACutPasswordStays(t *testing.T) {
	pool, _ := madeBy(t, "any password", passhash.Pepper{}, func(*passhash.Config) {})
	whole := strings.Repeat("x", 72)
	_, stored := madeBy(t, whole, passhash.Pepper{}, func(c *passhash.Config) { c.Scheme = passhash.Bcrypt })
	for password, want := range map[string]bool{whole: true, whole + "y": false} {
		if ok, err := pool.Verify(t.Context(), core.NewPassword(password), stored); !ok || err != nil {
			t.Fatalf("%d bytes do not verify: %v", len(password), err)
		}
		if got := pool.Outdated(core.NewPassword(password), stored); got != want {
			t.Errorf("%d bytes: outdated %v, want %v", len(password), got, want)
		}
	}
	for _, stored := range []string{"", "plain text"} {
		if pool.Outdated(core.NewPassword(whole), stored) {
			t.Errorf("%q is outdated", stored)
		}
	}
	bcrypt, made := madeBy(t, whole, passhash.Pepper{}, func(c *passhash.Config) { c.Scheme = passhash.Bcrypt })
	if bcrypt.Outdated(core.NewPassword("a\x00b"), made) {
		t.Error("what the scheme would refuse is to be hashed by it")
	}
}

func TestAForeignHashIsTakenIfItCanBeVerified(t *testing.T) {
	keys := map[string][]byte{"k1": bytes.Repeat([]byte("1"), 32)}
	pool, plain := madeBy(t, "x", passhash.Pepper{}, func(*passhash.Config) {})
	knowing, peppered := madeBy(t, "x", passhash.Pepper{Active: "k1", Keys: keys}, func(*passhash.Config) {})
	for name, c := range map[string]struct {
		pool *passhash.Pool
		text string
		ok   bool
	}{
		"plain": {pool, plain, true}, "peppered": {knowing, peppered, true}, "a key that is gone": {pool, peppered, false},
		"nothing": {pool, "", false}, "text": {pool, "password", false}, "too much work": {pool, "$2b$31$" + strings.Repeat("a", 53), false},
	} {
		got, err := c.pool.Recognise(core.NewSecret(c.text))
		if ok := err == nil && got == c.text; ok != c.ok {
			t.Errorf("%s: got %v, want %v", name, err, c.ok)
		}
		if err != nil && (core.CodeOf(err) != core.Invalid || strings.Contains(err.Error(), c.text) && c.text != "") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
