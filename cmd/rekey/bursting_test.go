package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rekey/config"
	"rekey/core"
)

// bursting is a hasher that panics with the password, and one that fails with it.
type bursting struct {
	core.Hasher
	panics bool
}

func (bursting) Seat(ctx context.Context, _ bool) (context.Context, func(), error) {
	return ctx, func() {}, nil
}

func (bursting) HashAhead(context.Context, core.Password) func() (string, error) { return nil }

func (b bursting) Verify(_ context.Context, p core.Password, _ string) (bool, error) {
	if b.panics {
		panic("a bug that holds " + p.Reveal())
	}
	return false, errors.New("a failure that nobody classified")
}

// startBursting runs a dev installation's configuration on a domain that breaks.
func startBursting(t *testing.T, panics bool) *running {
	t.Helper()
	cfg := devConfig(newDevKeys(), "127.0.0.1:0", "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))
	cfg.Log = config.Log{Level: "debug", Format: "json"}
	r := start(t, func(ctx context.Context, _, log io.Writer) error {
		i, err := install(ctx, cfg, log)
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		i.passwords = core.New(core.Parts{
			Store: i.db, Hasher: bursting{panics: panics}, Policy: cfg.Passwords.Rules(), TokenTTL: time.Hour,
			Now: time.Now, Random: strings.NewReader(strings.Repeat("random", 1<<16)),
		})
		s, err := newServer(ctx, i)
		if err != nil {
			return err
		}
		return s.run(ctx)
	})
	r.serving()
	company := cfg.Adapters.LicenseSpring.Companies["acme"]
	r.LicenseSpring.APIKey, r.LicenseSpring.SharedKey = company.APIKey.Reveal(), company.SharedKey.Reveal()
	r.Accounts = []accountFacts{{Email: "ada@acme.example"}}
	return r
}

func TestABugIsAnsweredSafelyAndToldWithoutSecrets(t *testing.T) {
	t.Parallel()
	for _, panics := range []bool{true, false} {
		r := startBursting(t, panics)
		a := r.send(licensespringDialect.change(r.facts, 0, planted, "A fresh sample staple 1"))
		if lacks := unsafeIn(a); a.status != http.StatusInternalServerError || lacks != "" {
			t.Errorf("got %d, without %s: %s", a.status, lacks, a.body)
		}
		r.eventually("the request is logged", func() bool { return len(r.logged("request")) == 1 })
		told, _ := r.logged("request")[0]["error"].(string)
		if panics != strings.HasPrefix(told, "internal: panic: string at bursting_test.go:") || strings.Contains(r.log.String()+a.body, planted) {
			t.Errorf("got %q and %s", told, a.body)
		}
	}
}
