package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

// Each case breaks one thing of what stands around a directory.
func TestTheDoctorFindsWhatIsBrokenAround(t *testing.T) {
	t.Parallel()
	secured := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secured.Close)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	at := func(url string) func(*testing.T, *patient) {
		return func(_ *testing.T, p *patient) { told("siem", url, hookSecret)(&p.cfg) }
	}
	for _, c := range []struct {
		check, want string
		breaks      func(t *testing.T, p *patient)
	}{
		{"webhooks", "problem: webhooks.endpoints.siem: cannot be reached: ", at("http://127.0.0.1:1/hook")},
		{"webhooks", "problem: webhooks.endpoints.siem: cannot be reached: ", at("https://no-such-host.invalid/hook")},
		{"webhooks", "certificate", at(secured.URL)},
		{"webhooks", "ok: 1 endpoints", at("http://" + silent.Addr().String())},
		{"webhooks", "the address is of a private network", at("https://10.0.0.1/hook")},
		{"webhooks", "warning: 1 events were set aside that siem was not told of", func(t *testing.T, p *patient) { p.untell(t, true) }},
		{"webhooks", "warning: 1 events wait for the endpoint siem, which is not configured", func(t *testing.T, p *patient) { p.untell(t, false) }},
		{"management", "ok: off", func(_ *testing.T, p *patient) { p.cfg.Manage.Enabled, p.cfg.Console.Enabled = false, false }},
		{"management", "warning: keys and passwords come to :8080 without TLS", func(_ *testing.T, p *patient) {
			p.cfg.Manage.Enabled, p.cfg.Console.Enabled, p.cfg.Server.Address, p.cfg.Server.TrustedProxies = false, true, ":8080", nil
		}},
		{"management", "ok: served", func(*testing.T, *patient) {}},
		{"management", "warning: keys and passwords come to :8080 without TLS", func(_ *testing.T, p *patient) {
			p.cfg.Server.Address, p.cfg.Server.TrustedProxies = ":8080", nil
		}},
		{"management", "warning: keys and passwords come to 10.0.0.5:8082 without TLS", func(_ *testing.T, p *patient) { p.cfg.Manage.Address = "10.0.0.5:8082" }},
		{"management", "warning: keys that were never used: acme/idle\nwarning: keys that never expire: acme/forever", withKeys},
		{"audit", "warning: off: ", func(_ *testing.T, p *patient) { p.cfg.Audit.SealEvery = 0 }},
		{"audit", "warning: the oldest event waits for its seal since 2", func(t *testing.T, p *patient) { p.recordedAt(t, time.Now().Add(-2*time.Minute)) }},
		{"audit", "ok: the oldest event that is not sealed", func(t *testing.T, p *patient) { p.recordedAt(t, time.Now().Add(-time.Minute)) }},
	} {
		t.Run(c.check+" "+c.want, func(t *testing.T) {
			t.Parallel()
			p := &patient{cfg: healthy(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db")), replicas: 1}
			c.breaks(t, p)
			if got := diagnose(t, p, c.check); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// installed returns the patient's parts.
func (p *patient) installed(t *testing.T) *installation {
	t.Helper()
	i, err := install(t.Context(), p.cfg, t.Output())
	noError(t, err)
	t.Cleanup(func() { _ = i.Close() })
	return i
}

// untell leaves a delivery for an endpoint: one that was set aside, or one that waits
// and whose endpoint is gone.
func (p *patient) untell(t *testing.T, dead bool) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	before := p.cfg
	told("siem", "http://"+silent.Addr().String(), hookSecret)(&p.cfg)
	i := p.installed(t)
	_, err = addSample(t.Context(), i, devTenant, "ada", "")
	noError(t, err)
	l := core.Locator{Login: "ada"}
	token, _, err := i.passwords.IssueToken(t.Context(), devTenant, l, "test", byOperator)
	noError(t, err)
	_, err = i.passwords.Change(t.Context(), core.Change{
		Tenant: devTenant, Proof: core.Possession{Token: token}, New: core.NewPassword("A fresh sample staple 1"), Origin: byOperator,
	})
	noError(t, err)
	if !dead {
		p.cfg = before
		return
	}
	all, err := i.db.Deliveries(t.Context(), core.Selection{}, 0, 9)
	noError(t, err)
	if len(all) != 1 {
		t.Fatalf("%d deliveries, want 1", len(all))
	}
	noError(t, i.db.BuryDelivery(t.Context(), all[0].ID, time.Now(), "gone"))
}

// withKeys makes a key of each kind, of which two are odd.
func withKeys(t *testing.T, p *patient) {
	i := p.installed(t)
	_, err := addSample(t.Context(), i, devTenant, "ada", "")
	noError(t, err)
	for name, lifetime := range map[string]time.Duration{"idle": 0, "forever": 0, "fine": time.Hour} {
		_, k, err := i.passwords.AddAccessKey(t.Context(), core.NewAccessKey{Tenant: devTenant, Name: name, Scopes: []core.Scope{core.VerifyScope}, Lifetime: lifetime}, "test", byOperator)
		noError(t, err)
		if name != "idle" {
			noError(t, i.db.UseAccessKey(t.Context(), k.Digest, time.Now()))
		}
	}
}

// recordedAt leaves an event without a seal.
func (p *patient) recordedAt(t *testing.T, at time.Time) {
	i := p.installed(t)
	noError(t, i.db.Record(t.Context(), core.Event{ID: "e1", At: at, Tenant: devTenant, Action: core.PasswordRefused, Outcome: core.WrongPassword}))
}
