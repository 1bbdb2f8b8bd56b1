package main

import (
	"net/http"
	"strconv"
	"testing"

	"rekey/config"
)

// With one worker and no queue, who comes while it works is refused at once.
func TestAnOverloadedServerRefusesInDialect(t *testing.T) {
	t.Parallel()
	r := startDev(t, func(cfg *config.Config) {
		cfg.Passwords.Hash.Argon2id.Memory = 64 << 10
		cfg.Passwords.Hash.Workers, cfg.Passwords.Hash.Queue = 1, 0
	})
	for n, d := range dialects() {
		refused := 0
		for range 10 { // one will do, unless the machine is very slow to begin
			for _, a := range r.burst(d, n) {
				if a.status == http.StatusBadRequest {
					continue // it had its turn, and was wrong
				}
				refused++
				r.fails(d, a, busy)
				if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 {
					t.Errorf("%s: Retry-After is %q", d.name, a.header.Get("Retry-After"))
				}
			}
			if refused > 0 {
				break
			}
		}
		if refused == 0 {
			t.Errorf("%s: nothing was refused", d.name)
		}
	}
	r.knows(0, r.Accounts[0].Password) // who was refused has changed nothing
}

// burst sends requests that each need a derivation, and health checks with them.
func (r *running) burst(d dialect, n int) []answer {
	r.t.Helper()
	checked := make(chan int, 2)
	for _, path := range []string{"/healthz", "/readyz"} {
		go func() {
			status, _ := r.probe(path)
			checked <- status
		}()
	}
	answers := r.atOnce(6, func(int) request {
		if d.name == "unleash" {
			return r.firstChange(d, n, r.Accounts[n].Password) // the token proves, and the password is reused
		}
		return d.change(r.facts, n, "not the password", "A fresh sample staple 1")
	})
	for range 2 {
		if status := <-checked; status != http.StatusOK {
			r.t.Errorf("under load a health check answers %d", status)
		}
	}
	return answers
}
