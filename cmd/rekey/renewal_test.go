package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rekey/adapters/licensespring"
	"rekey/adapters/zap"
	"rekey/config"
	"rekey/config/secret"
	"rekey/core/passhash"
)

// renewing is a server whose configuration a test changes.
type renewing struct {
	*running
	server *server
	mu     sync.Mutex
	cfg    config.Config
	broken error // of the next reading
}

// startRenewing runs a dev installation that reads its configuration from the test.
func startRenewing(t *testing.T, changes ...func(*config.Config)) *renewing {
	t.Helper()
	folder, keys := t.TempDir(), newDevKeys()
	n := &renewing{cfg: devConfig(keys, "127.0.0.1:0", "sqlite:"+filepath.Join(folder, "rekey.db"))}
	n.cfg.Passwords.Hash = passhash.ForTests()
	n.cfg.Passwords.Hash.Workers = 2
	n.cfg.Log = config.Log{Level: "debug", Format: "json"}
	for _, change := range changes {
		change(&n.cfg)
	}
	built := make(chan *server, 1)
	n.running = start(t, func(ctx context.Context, _, log io.Writer) error {
		i, err := install(ctx, n.cfg, log)
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		i.source = source{given: n.cfg, cores: runtime.GOMAXPROCS(0), read: n.read}
		s, err := newServer(ctx, i)
		if err != nil {
			return err
		}
		samples, err := addSamples(ctx, i)
		if err != nil {
			return err
		}
		dev := devFacts{BaseURL: s.url(), OperationsURL: s.operationsURL(), keys: keys, samples: samples}
		if err := dev.write(filepath.Join(folder, "facts.json")); err != nil {
			return err
		}
		built <- s
		return s.run(ctx)
	})
	n.serving()
	n.server = <-built
	n.readFacts(filepath.Join(folder, "facts.json"))
	return n
}

func (n *renewing) read() (config.Config, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cfg, n.broken
}

// renew lets the server take up the configuration with a change.
func (n *renewing) renew(change func(*config.Config)) renewal {
	n.mu.Lock()
	change(&n.cfg)
	n.mu.Unlock()
	return n.server.renew(n.t.Context(), "test")
}

// mustRenew is [renewing.renew] of what has to be taken up.
func (n *renewing) mustRenew(change func(*config.Config)) {
	n.t.Helper()
	if r := n.renew(change); len(r.Reasons) > 0 {
		n.t.Fatalf("refused: %v", r.Reasons)
	}
}

// busily changes account k's password without a pause until done is closed, and
// counts what was not answered as it must.
func (n *renewing) busily(k int, done <-chan struct{}, changed, failed *atomic.Int64) {
	d, proof := licensespringDialect, n.Accounts[k].Password
	for i := 0; ; i++ {
		select {
		case <-done:
			return
		default:
		}
		fresh := fmt.Sprintf("A fresh sample staple %d of %d", i, k)
		if a := n.send(d.change(n.facts, k, proof, fresh)); a.status == http.StatusOK && a.body == d.yes {
			changed.Add(1)
			proof = fresh
			continue
		}
		failed.Add(1)
	}
}

func TestNoRequestFailsWhileTheConfigurationChanges(t *testing.T) {
	n := startRenewing(t)
	var clients sync.WaitGroup
	var changed, failed atomic.Int64
	done := make(chan struct{})
	for k := range 3 {
		clients.Go(func() { n.busily(k, done, &changed, &failed) })
	}
	for i := range 50 {
		before := changed.Load()
		n.mustRenew(func(cfg *config.Config) {
			cfg.Adapters.ZAP.Enabled = i%2 == 0
			cfg.Passwords.Hash.Argon2id.Memory = 64 + 8*(i%2)
			cfg.Passwords.Hash.Workers = 1 + i%3
			cfg.Attempts.Stop = 20 + i%4
			cfg.Log.Level = []string{"debug", "info"}[i%2]
			cfg.Retention.Events = time.Duration(24+i) * time.Hour
		})
		n.eventually("a change by the new configuration", func() bool { return changed.Load() > before || failed.Load() > 0 })
	}
	close(done)
	clients.Wait()
	t.Logf("%d changes during 50 renewals, %d failed", changed.Load(), failed.Load())
	if failed.Load() > 0 || changed.Load() < 50 {
		t.Errorf("%d requests failed and %d succeeded", failed.Load(), changed.Load())
	}
	if got := n.server.now().number; got != 51 {
		t.Errorf("generation %d serves, want 51", got)
	}
	n.eventually("older generations end", func() bool { return len(n.logged("a configuration has served its time")) >= 25 })
}

func TestOlderGenerationsLeaveNoGoroutine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	issuer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done() // a fetch that hangs
	}))
	n := startRenewing(t, func(cfg *config.Config) {
		dev := cfg.Adapters.ZAP.Issuers["dev"]
		dev.Algorithm, dev.Secret, dev.JWKSURL = "RS256", secret.Value{}, issuer.URL
		cfg.Adapters.ZAP.Issuers = map[string]zap.Issuer{"dev": dev}
	})
	for range 10 {
		n.mustRenew(func(cfg *config.Config) { cfg.Mail.Enabled = !cfg.Mail.Enabled; addressed(cfg) })
	}
	n.eventually("only the present generation works", func() bool {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		return bytes.Count(stacks, []byte("(*set).keepFresh(")) == 1 && bytes.Count(stacks, []byte("core.Pruning.Run(")) == 1
	})
	if err := n.stop(); err != nil {
		t.Error(err)
	}
	issuer.CloseClientConnections()
	issuer.Close()
	goleak.VerifyNone(t, before)
}

// addressed gives mail what it needs.
func addressed(cfg *config.Config) {
	cfg.Mail.BaseURL, cfg.Mail.From, cfg.Mail.SMTP.Host = "https://acme.example", "no-reply@acme.example", "127.0.0.1"
}

// A request that began before finishes by the old configuration, whose dialects
// are kept for it, and ends them.
func TestARequestFinishesByTheConfigurationThatItBeganUnder(t *testing.T) {
	t.Parallel()
	n := startRenewing(t)
	w := n.beginning(zapDialect, 0)
	n.mustRenew(func(cfg *config.Config) {
		cfg.Adapters.ZAP.Enabled = false
		cfg.Passwords.Policy.MinLength = 60
	})
	if a := n.send(n.firstChange(zapDialect, 1, "A fresh sample staple 1")); a.status != http.StatusNotFound {
		t.Errorf("a dialect that was switched off answers %d", a.status)
	}
	if a := n.send(n.firstChange(licensespringDialect, 2, "A fresh sample staple 1")); a.status != http.StatusBadRequest {
		t.Errorf("a policy that was changed: %d %s", a.status, a.body)
	}
	if len(n.logged("a configuration has served its time")) > 0 {
		t.Error("the old dialects were closed under a request")
	}
	w.write(n.firstChange(zapDialect, 0, "A fresh sample staple 1").body)
	n.succeeds(zapDialect, w.answer(), "what began before")
	n.eventually("the old generation ends", func() bool { return len(n.logged("a configuration has served its time")) == 1 })
	n.mustRenew(func(cfg *config.Config) {
		cfg.Adapters.ZAP.Enabled = true
		cfg.Passwords.Policy.MinLength = 0
	})
	n.succeeds(zapDialect, n.send(n.firstChange(zapDialect, 1, "A fresh sample staple 2")), "once it is switched on again")
}

func TestAConfigurationThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	n := startRenewing(t)
	for reason, change := range map[string]func(*config.Config){
		"server.address: restart the server to change it":        func(cfg *config.Config) { cfg.Server.Address = "127.0.0.1:1" },
		"manage.address: restart the server to change it":        func(cfg *config.Config) { cfg.Manage.Address = "127.0.0.1:1" },
		"store.max_connections: restart the server to change it": func(cfg *config.Config) { cfg.Store.MaxConnections = 3 },
		"no dialect is enabled; set adapters.NAME.enabled, manage.enabled, pages.enabled or console.enabled to true, see config/example.yaml": func(cfg *config.Config) {
			cfg.Manage.Enabled, cfg.Pages.Enabled, cfg.Console.Enabled = false, false, false
			cfg.Adapters.LicenseSpring.Enabled, cfg.Adapters.Unleash.Enabled, cfg.Adapters.ZAP.Enabled = false, false, false
		},
		"mail.smtp.ca: open /none: no such file or directory": func(cfg *config.Config) {
			cfg.Mail.Enabled, cfg.Mail.BaseURL, cfg.Mail.From, cfg.Mail.SMTP.CA = true, "https://a.example", "a@a.example", "/none"
		},
	} {
		good, _ := n.read()
		r := n.renew(func(cfg *config.Config) {
			change(cfg)
			cfg.Passwords.Hash.Workers = 7
			cfg.Log.Level = "error"
		})
		if !slices.Equal(r.Reasons, []string{reason}) || r.Generation != 1 {
			t.Errorf("got %+v, want %s", r, reason)
		}
		n.renewable(good)
	}
	n.broken = &problem{"the file is gone"}
	if r := n.server.renew(n.t.Context(), "test"); !slices.Equal(r.Reasons, []string{"the file is gone"}) {
		t.Errorf("got %v", r.Reasons)
	}
	if got := len(n.logged("the new configuration is refused; the old one serves on")); got != 6 {
		t.Errorf("%d refusals are logged, want 6", got)
	}
	for k, d := range dialects() {
		n.succeeds(d, n.send(n.firstChange(d, k, "A fresh sample staple 1")), "by the old configuration")
	}
}

// renewable gives the server back what it can read.
func (n *renewing) renewable(cfg config.Config) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cfg = cfg
}

func TestKeysAreAddedAndRevokedWhileItRuns(t *testing.T) {
	t.Parallel()
	n := startRenewing(t)
	n.mustRenew(func(cfg *config.Config) {
		acme := cfg.Adapters.LicenseSpring.Companies["acme"]
		acme.Revoked = true
		added := acme
		added.APIKey, added.SharedKey, added.Revoked = secret.New("added-key"), secret.New("added-shared-key"), false
		cfg.Adapters.LicenseSpring.Companies = map[string]licensespring.Company{"acme": acme, "added": added}
	})
	if a := n.send(n.firstChange(licensespringDialect, 0, "A fresh sample staple 1")); a.status == http.StatusOK || !strings.Contains(a.body, "revoked_api_key") {
		t.Errorf("a key that was revoked: %d %s", a.status, a.body)
	}
	n.LicenseSpring.APIKey, n.LicenseSpring.SharedKey = "added-key", "added-shared-key"
	n.succeeds(licensespringDialect, n.send(n.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "by a key that was added")
	if log := n.log.String(); strings.Contains(log, "added-key") || strings.Contains(log, "added-shared-key") {
		t.Error("the log tells a key")
	}
}
