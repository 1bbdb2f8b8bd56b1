package main

import (
	"fmt"
	"net/http"
	"testing"

	"rekey/config"
	"rekey/config/secret"
)

// peppered makes a dev installation key its hashes under the first of the ids.
func peppered(keys map[string]string, active string) func(*config.Config) {
	return func(cfg *config.Config) {
		cfg.Passwords.Pepper = config.Pepper{Active: active, Keys: map[string]secret.Value{}}
		for id, key := range keys {
			cfg.Passwords.Pepper.Keys[id] = secret.New(key)
		}
	}
}

// A key is rotated under a running installation's database, and then one is
// taken away too early: its accounts fail, no password is called wrong, the log
// says so at the start, and putting it back mends all.
func TestAPepperIsRotatedAndMissed(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		first := map[string]string{"first": newSealingKey()}
		both := map[string]string{"first": first["first"], "second": newSealingKey()}
		r := startDev(t, withDSN(dsn), peppered(first, "first"))
		known := r.facts
		for n, d := range dialects() {
			r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), "under the first key")
		}
		r.end()
		again := func(why string, n, want int, change func(*config.Config)) {
			r := startDev(t, withDSN(dsn), change)
			proof, fresh := fmt.Sprintf("A fresh sample staple %d", n), fmt.Sprintf("A fresh sample staple %d", n+1)
			for i, d := range []dialect{licensespringDialect, zapDialect} {
				r.Accounts = known.Accounts
				if a := r.send(d.change(r.facts, 2*i, proof, fresh)); a.status != want {
					t.Errorf("%s: %s answers %d %s, want %d", why, d.name, a.status, a.body, want)
				}
			}
			if want == http.StatusInternalServerError {
				r.eventually("the log tells of the key", func() bool {
					return len(r.logged("there are hashes under keys that are not configured: add them to passwords.pepper.keys")) == 1
				})
			}
			r.end()
		}
		again("rotated", 1, http.StatusOK, peppered(both, "second"))
		again("the older one is kept", 2, http.StatusOK, peppered(both, "second"))
		again("the active one is missing", 3, http.StatusInternalServerError, peppered(first, "first"))
		again("all are missing", 3, http.StatusInternalServerError, func(*config.Config) {})
		again("it is back, to verify", 3, http.StatusOK, peppered(both, config.NoPepper))
	})
}

// end stops the server, and fails the test if it ends badly.
func (r *running) end() {
	r.t.Helper()
	if err := r.stop(); err != nil {
		r.t.Fatal(err)
	}
}
