package main

import (
	"fmt"
	"net/http"
	"testing"

	"rekey/config"
)

const rivals, rounds = 20, 3

// Each round is a new installation, because a proof is good once.
func TestOfManyChangesWithOneProofExactlyOneSucceeds(t *testing.T) {
	t.Parallel()
	for round := range rounds {
		t.Run(fmt.Sprint("round ", round+1), func(t *testing.T) {
			onEveryDatabase(t, func(t *testing.T, dsn string) {
				r := startDev(t, withDSN(dsn), unthrottled, func(cfg *config.Config) {
					cfg.Passwords.Hash.Argon2id.Memory = 1 << 10 // long enough for all to read before one writes
				})
				for n, d := range dialects() {
					r.race(d, n)
				}
			})
		})
	}
}

// race lets rivals change account n's password, each to one of its own.
func (r *running) race(d dialect, n int) {
	r.t.Helper()
	answers := r.atOnce(rivals, func(i int) request { return r.firstChange(d, n, rivalsPassword(i)) })
	winner := -1
	for i, a := range answers {
		switch {
		case a.status != http.StatusOK:
			r.fails(d, a, spent)
		case winner >= 0:
			r.t.Errorf("%s: %d and %d both succeeded", d.name, winner, i)
		default:
			winner = i
		}
	}
	if winner < 0 {
		r.t.Fatalf("%s: of %d changes none succeeded", d.name, rivals)
	}
	r.knows(n, rivalsPassword(winner))
}

func rivalsPassword(i int) string { return fmt.Sprintf("rival staple of number %02d", i) }
