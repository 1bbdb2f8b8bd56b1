package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rekey/adapters/mail/mailtest"
	"rekey/adapters/zap"
	"rekey/config"
	"rekey/config/secret"
	"rekey/core/passhash"
	"rekey/store"
	"rekey/store/pgtest"
)

// healthy is a configuration without a problem, over a new database.
func healthy(t *testing.T, dsn string) config.Config {
	t.Helper()
	cfg := devConfig(newDevKeys(), "127.0.0.1:0", dsn)
	cfg.Adapters.Unleash.BaseURL = "http://127.0.0.1"
	cfg.Server.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	noError(t, store.Migrate(t.Context(), store.Options{DSN: dsn}, func(string) {}))
	return cfg
}

// diagnose returns the findings of one check, "status: means" each.
func diagnose(t *testing.T, p *patient, name string) string {
	t.Helper()
	stop := p.connect(t.Context(), 5*time.Second)
	defer stop()
	i := slices.IndexFunc(checks(), func(c check) bool { return c.name == name })
	var told []string
	for _, f := range examine(t.Context(), p, checks()[i:i+1], 2*time.Second) {
		told = append(told, string(f.Status)+": "+f.Means)
		if (f.Status == fine) != (f.Do == "") {
			t.Errorf("%s: %s does not go with the advice %q", name, f.Status, f.Do)
		}
	}
	return strings.Join(told, "\n")
}

func TestTheDoctorFindsNothingWrongWithAHealthyInstallation(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		p := &patient{cfg: healthy(t, dsn), replicas: 1}
		if isPostgres := strings.HasPrefix(dsn, "postgres"); isPostgres {
			durable(t, dsn)
		}
		for _, c := range checks() {
			if got := diagnose(t, p, c.name); strings.Contains(got, "problem") && !strings.Contains(got, "is off") {
				t.Errorf("%s: %s", c.name, got)
			}
		}
	})
}

// durable makes the throwaway server's database say what a real one does, as far as a
// database can.
func durable(t *testing.T, dsn string) { alter(t, dsn, "synchronous_commit = on") }

func alter(t *testing.T, dsn, setting string) {
	t.Helper()
	admin, err := pgx.Connect(t.Context(), dsn)
	noError(t, err)
	defer func() { _ = admin.Close(t.Context()) }()
	u, _ := url.Parse(dsn)
	_, err = admin.Exec(t.Context(), "ALTER DATABASE "+strings.TrimPrefix(u.Path, "/")+" SET "+setting)
	noError(t, err)
}

// Each case breaks one thing, and says how its finding begins or what it holds.
func TestTheDoctorFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // it takes connections and says nothing
	noError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	published := func(body string, header func(http.Header)) func(*testing.T, *patient) {
		return func(t *testing.T, p *patient) {
			issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				header(w.Header())
				_, _ = w.Write([]byte(body))
			}))
			t.Cleanup(issuer.Close)
			p.issuedAt(issuer.URL)
		}
	}
	plain := func(http.Header) {}
	hours := func(n int) func(http.Header) {
		return func(h http.Header) {
			h.Set("Date", time.Now().Add(time.Duration(n)*time.Hour).UTC().Format(http.TimeFormat))
		}
	}
	for _, c := range []struct {
		check, want string
		breaks      func(t *testing.T, p *patient)
	}{
		{"configuration", "problem: no dialect is enabled", func(_ *testing.T, p *patient) {
			p.cfg.Adapters.LicenseSpring.Enabled, p.cfg.Adapters.Unleash.Enabled, p.cfg.Adapters.ZAP.Enabled = false, false, false
			p.cfg.Manage.Enabled, p.cfg.Pages.Enabled, p.cfg.Console.Enabled = false, false, false
		}},
		{"attempts", "problem: failed attempts are not counted", func(_ *testing.T, p *patient) { p.cfg.Attempts.Enabled = false }},
		{"database", "warning: the SQLite file does not exist", func(t *testing.T, p *patient) {
			p.cfg.Store.DSN = secret.New("sqlite:" + filepath.Join(t.TempDir(), "none.db"))
		}},
		{"database", "problem: cannot be asked", func(t *testing.T, p *patient) {
			p.cfg.Store.DSN = secret.New("sqlite:" + write(t, "no.db", strings.Repeat("no database", 100)))
		}},
		{"database", "problem: cannot be asked", func(_ *testing.T, p *patient) {
			p.cfg.Store.DSN = secret.New("postgres://u:hunter2@" + silent.Addr().String() + "/x?connect_timeout=1")
		}},
		{"migrations", "warning: not applied: 00001", func(t *testing.T, p *patient) {
			p.cfg.Store.DSN = secret.New("sqlite:" + write(t, "empty.db", ""))
		}},
		{"migrations", "warning: not examined", func(_ *testing.T, p *patient) {
			p.cfg.Store.DSN = secret.New("postgres://u:hunter2@" + silent.Addr().String() + "/x?connect_timeout=1")
		}},
		{"hash cost", "problem: the cost is below OWASP's floors", func(_ *testing.T, p *patient) { p.cfg.Passwords.Hash = passhash.ForTests() }},
		{"hash cost", "problem: no hash can be made", func(_ *testing.T, p *patient) { p.cfg.Passwords.Hash.Scheme = "rot13" }},
		{"workers", "warning: ", func(_ *testing.T, p *patient) { p.cfg.Passwords.Hash.Workers = 100 * runtime.GOMAXPROCS(0) }},
		{"memory", "problem: 1024 workers", func(_ *testing.T, p *patient) {
			p.cfg.Passwords.Hash.Workers, p.cfg.Passwords.Hash.Argon2id.Memory = 1024, 1<<18
		}},
		{"mail", "problem: the server does not take mail", func(_ *testing.T, p *patient) { p.mailAt(silent.Addr().String()) }},
		{"issuers", "problem: adapters.zap.issuers.dev.jwks_url: keys cannot be fetched: ", func(_ *testing.T, p *patient) { p.issuedAt("http://127.0.0.1:1") }},
		{"issuers", "problem: adapters.zap.issuers.dev.jwks_url: no key is published that verifies RS256", published(`{"keys":[]}`, plain)},
		{"issuers", "context deadline exceeded; its tokens are answered 503", func(_ *testing.T, p *patient) { p.issuedAt("http://" + silent.Addr().String()) }},
		{"clock", "warning: there is no other clock", func(*testing.T, *patient) {}},
		{"clock", "ok: ", published("", plain)},
		{"clock", "are 2h0m", published("", hours(-2))},
		{"clock", "problem: this clock", published("", hours(2))},
		{"certificate", "problem: the certificate expires within three days", func(t *testing.T, p *patient) {
			p.cfg.Server.TLS.Certificate, p.cfg.Server.TLS.Key, _ = certify(t)
		}},
		{"certificate", "problem: server.tls", func(t *testing.T, p *patient) {
			p.cfg.Server.TLS.Certificate, _, _ = certify(t)
			_, p.cfg.Server.TLS.Key, _ = certify(t)
		}},
		{"proxies", "problem: 0.0.0.0/0 is everybody", func(_ *testing.T, p *patient) {
			p.cfg.Server.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
		}},
		{"proxies", "warning: TLS ends elsewhere", func(_ *testing.T, p *patient) { p.cfg.Server.TrustedProxies = nil }},
		{"pepper", "problem: there are hashes under pepper keys that are not configured: lost", lostPepper},
	} {
		t.Run(c.check+" "+c.want, func(t *testing.T) {
			t.Parallel()
			p := &patient{cfg: healthy(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db")), replicas: 1}
			c.breaks(t, p)
			if got := diagnose(t, p, c.check); !strings.Contains(got, c.want) || strings.Contains(got, "hunter2") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// issuedAt makes the dev issuer publish its keys.
func (p *patient) issuedAt(address string) {
	dev := p.cfg.Adapters.ZAP.Issuers["dev"]
	dev.Algorithm, dev.Secret, dev.JWKSURL = "RS256", secret.Value{}, address
	p.cfg.Adapters.ZAP.Issuers = map[string]zap.Issuer{"dev": dev}
}

func (p *patient) mailAt(address string) {
	host, port, _ := net.SplitHostPort(address)
	addressed(&p.cfg)
	p.cfg.Mail.Enabled, p.cfg.Mail.SMTP.Host = true, host
	_, _ = fmt.Sscan(port, &p.cfg.Mail.SMTP.Port)
	p.cfg.Mail.SMTP.Timeout = time.Second
}

// lostPepper makes an account whose hash is under a key, and forgets the key.
func lostPepper(t *testing.T, p *patient) {
	cfg := p.cfg
	cfg.Passwords.Hash = passhash.ForTests()
	cfg.Passwords.Pepper = config.Pepper{Active: "lost", Keys: map[string]secret.Value{"lost": secret.New(newSealingKey())}}
	i, err := install(t.Context(), cfg, t.Output())
	noError(t, err)
	defer func() { _ = i.Close() }()
	_, err = addSample(t.Context(), i, devTenant, "ada", "")
	noError(t, err)
}

func TestTheDoctorReachesMailAndWritesToNobody(t *testing.T) {
	t.Parallel()
	smtp := mailtest.Start(t, mailtest.Options{})
	p := &patient{cfg: healthy(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))}
	p.mailAt(smtp.Address)
	if got := diagnose(t, p, "mail"); !strings.HasPrefix(got, "problem: ") {
		t.Errorf("a server without STARTTLS: got %q", got)
	}
	p.cfg.Mail.SMTP.TLS = "none"
	if got := diagnose(t, p, "mail"); !strings.HasPrefix(got, "ok: ") || len(smtp.Mails()) > 0 {
		t.Errorf("got %q, and %d mails", got, len(smtp.Mails()))
	}
}

func TestTheDoctorExaminesPostgreSQL(t *testing.T) {
	t.Parallel()
	empty := pgtest.DSN(t)
	p := &patient{cfg: devConfig(newDevKeys(), "127.0.0.1:0", empty), replicas: 3}
	if got := diagnose(t, p, "migrations"); !strings.HasPrefix(got, "problem: not applied: 00001") {
		t.Errorf("before the migration: got %q", got)
	}
	p.cfg = healthy(t, empty)
	alter(t, empty, "synchronous_commit = off")
	if got := diagnose(t, p, "durability"); !strings.Contains(got, "problem: synchronous_commit is off") {
		t.Errorf("got %q", got)
	}
	p.cfg.Store.MaxConnections = 1000
	if got := diagnose(t, p, "connections"); !strings.HasPrefix(got, "problem: 3 replicas x 1000 connections = 3000, of ") {
		t.Errorf("got %q", got)
	}
	if got := diagnose(t, p, "clock"); !strings.HasPrefix(got, "ok: the database and this machine agree") {
		t.Errorf("got %q", got)
	}
	alter(t, empty, "default_transaction_read_only = on")
	if got := diagnose(t, p, "database"); !strings.HasPrefix(got, "problem: PostgreSQL ") || !strings.Contains(got, "cannot be written") {
		t.Errorf("a database that only reads: got %q", got)
	}
}

func TestEveryCheckIsBoundedAndNoneEndsTheOthers(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	found := examine(t.Context(), &patient{}, []check{
		{"deaf", func(context.Context, *patient) []finding { select {} }, ""},
		{"bursting", func(context.Context, *patient) []finding { panic(errors.New("hunter2")) }, ""},
		{"well", func(context.Context, *patient) []finding { return ok("well") }, ""},
	}, 100*time.Millisecond)
	if len(found) != 3 || found[0].Status != trouble || found[1].Status != trouble || found[2].Status != fine {
		t.Fatalf("got %+v", found)
	}
	if text := fmt.Sprint(found); !strings.Contains(text, "no answer within 100ms") || strings.Contains(text, "hunter2") {
		t.Errorf("got %s", text)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestTheControlGroupsMemoryGoesFirst(t *testing.T) {
	files := map[string]string{"/proc/meminfo": "MemFree: 1 kB\nMemTotal:    2048 kB\n"}
	read := func(name string) ([]byte, error) {
		if text, known := files[name]; known {
			return []byte(text), nil
		}
		return nil, errors.New("no such file")
	}
	for _, c := range []struct {
		file, text string
		want       int64
	}{
		{"/proc/uptime", "", 2 << 20},
		{"/sys/fs/cgroup/memory.max", "max\n", 2 << 20},
		{"/sys/fs/cgroup/memory/memory.limit_in_bytes", fmt.Sprint(math.MaxInt64), 2 << 20},
		{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "4096\n", 4096},
		{"/sys/fs/cgroup/memory.max", "8192\n", 8192},
	} {
		files[c.file] = c.text
		if got, _ := memoryOf(read); got != c.want {
			t.Errorf("%s %q: got %d, want %d", c.file, c.text, got, c.want)
		}
	}
}

func TestTheDoctorsJSONIsForPrograms(t *testing.T) {
	t.Parallel()
	file := write(t, "rekey.yaml", "store: {dsn: 'postgres://u:hunter2@127.0.0.1:1/x'}\nlog: {level: loud}\nadapters: {unleash: {enabled: true}}")
	out, failure := run("", "doctor", "-c", file, "--json")
	var told struct {
		Findings           []finding
		Problems, Warnings int
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if told.Problems < 2 || told.Problems != count(told.Findings, trouble) || told.Warnings == 0 {
		t.Errorf("got %d problems and %d warnings in %s", told.Problems, told.Warnings, out)
	}
	if !strings.HasSuffix(failure, "findings are problems") || strings.Contains(out+failure, "hunter2") {
		t.Errorf("got %q, want an exit with 1, and no secret", failure)
	}
	for _, c := range checks() {
		if !slices.ContainsFunc(told.Findings, func(f finding) bool { return f.Check == c.name }) {
			t.Errorf("%s tells nothing while the database is down", c.name)
		}
	}
}
