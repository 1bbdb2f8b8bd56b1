package mail_test

import (
	"net"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"math/rand/v2"

	"rekey/adapters/mail"
	"rekey/adapters/mail/mailtest"
	"rekey/config/secret"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/core/seal"
	"rekey/store/memory"
)

func TestMain(m *testing.M) {
	mailtest.Main()
	os.Exit(m.Run())
}

const acme core.TenantID = "acme"

var (
	noon   = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	client = core.Origin{Dialect: "unleash", Addr: netip.MustParseAddr("192.0.2.7"), RequestID: "r1"}
)

// world is the real domain on the store in memory.
type world struct {
	*core.Service
	t     *testing.T
	store *memory.Store
}

func newWorld(t *testing.T) *world {
	t.Helper()
	random := &dice{source: rand.NewChaCha8([32]byte{1})}
	pool, err := passhash.New(passhash.ForTests(), random)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: memory.New()}
	ring, err := seal.New("k", map[string][]byte{"k": make([]byte, seal.KeySize)}, random)
	if err != nil {
		t.Fatal(err)
	}
	w.Service = core.New(core.Parts{
		Store: w.store, Hasher: pool, History: 3, TokenTTL: 24 * time.Hour,
		Now: func() time.Time { return noon }, Random: random,
		Outbox: w.store, Throttle: w.store, Factors: w.store, Sealer: ring, Notices: true,
	})
	return w
}

// account creates an account with the e-mail address.
func (w *world) account(email, name string) core.Account {
	w.t.Helper()
	account, err := w.CreateAccount(w.t.Context(), core.NewAccount{Tenant: acme, Username: "ada", Email: email, Name: name}, core.Origin{})
	if err != nil {
		w.t.Fatal(err)
	}
	return account
}

// message asks for mail to the account.
func message(topic core.Topic, account core.Account) core.Message {
	return core.Message{
		ID: "0195-message", Tenant: acme, Account: account.ID, Topic: topic, Attempts: 1,
		Facts: map[string]string{"dialect": "unleash", "at": "2026-03-02T11:59:58Z", "addr": "192.0.2.7"},
	}
}

// config is a valid section for the server at the address.
func config(t *testing.T, address string) mail.Config {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	c := mail.Default()
	c.Enabled, c.BaseURL, c.From = true, "https://accounts.acme.example/", "Acme <no-reply@acme.example>"
	c.SMTP.Host, c.SMTP.TLS, c.SMTP.Timeout = host, mail.NoTLS, 5*time.Second
	c.SMTP.Port, _ = strconv.Atoi(port)
	return c
}

// mailer returns one for the world.
func (w *world) mailer(c mail.Config) *mail.Mailer {
	w.t.Helper()
	c.Validate(func(key, problem string) { w.t.Errorf("%s: %s", key, problem) })
	m, err := mail.New(c, w.Service)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// do lets the mailer do the message.
func (w *world) do(m *mail.Mailer, message core.Message) error {
	w.t.Helper()
	handle := m.Handlers()[message.Topic]
	if handle == nil {
		w.t.Fatalf("nobody handles %q", message.Topic)
	}
	return handle(w.t.Context(), message)
}

var linkPattern = regexp.MustCompile(`https://accounts\.acme\.example/reset-password\?token=([A-Za-z0-9_-]{43})\s`)

// token returns the reset token of a mail's link.
func token(t *testing.T, m mailtest.Read) core.Token {
	t.Helper()
	found := linkPattern.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatalf("there is no link in\n%s", m.Text)
	}
	return core.NewToken(found[1])
}

func code(t *testing.T, err error, want core.Code, about string) {
	t.Helper()
	if got := core.CodeOf(err); got != want {
		t.Errorf("%s: got %q (%v), want %q", about, got, err, want)
	}
}

func password(text string) secret.Value { return secret.New(text) }

// dice is randomness that is the same in every run.
type dice struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (d *dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.source.Read(p)
}
