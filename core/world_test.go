package core_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"

	"rekey/core"
	"rekey/core/passhash"
	"rekey/store/memory"
)

const (
	acme  core.TenantID = "acme"
	other core.TenantID = "other"

	correct = "correct horse battery staple" // ada's password
	fresh   = "a wholly new passphrase"
	wrong   = "not ada's passphrase"
)

var (
	noon   = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	origin = core.Origin{Dialect: "test", RequestID: "r1"}
	ada    = core.Locator{Login: "ada"}
	admin  = core.Actor{Subject: "root", Issuer: "idp"}
)

// tb is what a world needs of a test, be it one of package testing or of rapid.
type tb interface {
	Context() context.Context
	Helper()
	Errorf(format string, args ...any)
	Error(args ...any)
	Fatalf(format string, args ...any)
	Fatal(args ...any)
}

// world is the real domain on the store in memory, with places to interfere.
type world struct {
	*core.Service
	t      tb
	now    time.Time
	store  *meddler
	hasher *counter
	random *dice
}

func newWorld(t tb) *world {
	t.Helper()
	w := &world{t: t, now: noon, store: &meddler{Store: memory.New()}, random: newDice()}
	w.hasher = &counter{Hasher: newPool(t, passhash.ForTests(), w.random)}
	w.Service = core.New(core.Parts{
		Store: w.store, Hasher: w.hasher, Policy: core.NIST(func(folded string) bool { return folded == "1234567890" }),
		History: 5, TokenTTL: 24 * time.Hour, Now: func() time.Time { return w.now }, Random: w.random,
	})
	return w
}

func newPool(t tb, c passhash.Config, random *dice) *passhash.Pool {
	t.Helper()
	pool, err := passhash.New(c, random)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// lenient returns the same service without a policy.
func (w *world) lenient() *core.Service {
	parts := w.Parts
	parts.Policy = core.Policy{}
	return core.New(parts)
}

// account creates ada of acme with the passwords, oldest first, a second
// apart. Without one she has none.
func (w *world) account(passwords ...string) core.Account {
	w.t.Helper()
	n := core.NewAccount{
		Tenant: acme, Username: "ada", Email: "ada.lovelace@acme.example", Name: "Augusta Ada King",
		ExternalIDs: map[string]string{"zap": "zap-number-7"},
	}
	for i, password := range passwords {
		p := core.NewPassword(password)
		if i == 0 {
			n.Password = &p
			continue
		}
		if i == 1 {
			w.create(n)
		}
		w.now = w.now.Add(time.Second)
		w.must(w.lenient().Change(w.t.Context(), core.Change{Tenant: acme, Proof: core.Authority{Account: ada}, New: p}))
	}
	if len(passwords) < 2 {
		w.create(n)
	}
	return w.read(acme, ada)
}

func (w *world) create(n core.NewAccount) core.Account {
	w.t.Helper()
	account, err := w.lenient().CreateAccount(w.t.Context(), n, origin)
	if err != nil {
		w.t.Fatal(err)
	}
	return account
}

func (w *world) must(_ core.Receipt, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(tenant core.TenantID, l core.Locator) core.Account {
	w.t.Helper()
	account, err := w.Account(w.t.Context(), tenant, l)
	if err != nil {
		w.t.Fatalf("read %+v: %v", l, err)
	}
	return account
}

// token issues a reset token for ada.
func (w *world) token() core.Token {
	w.t.Helper()
	token, _, err := w.IssueToken(w.t.Context(), acme, ada, "operator", origin)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// change runs one change of ada's password to password.
func (w *world) change(proof core.Proof, password string) error {
	w.t.Helper()
	_, err := w.Change(w.t.Context(), core.Change{Tenant: acme, Proof: proof, New: core.NewPassword(password), Origin: origin})
	return err
}

func knows(current string) core.Knowledge {
	return core.Knowledge{Account: ada, Current: core.NewPassword(current)}
}

func governs(current string) core.Authority {
	p := core.NewPassword(current)
	return core.Authority{Admin: admin, Account: ada, Current: &p}
}

// has reports whether ada's password is password.
func (w *world) has(password string) bool {
	w.t.Helper()
	ok, err := w.hasher.Hasher.Verify(w.t.Context(), core.NewPassword(password), w.read(acme, ada).Verifier)
	if err != nil {
		w.t.Fatal(err)
	}
	return ok
}

// state is all that a store remembers.
type state struct {
	Accounts []core.Account
	Tokens   []core.ResetToken
	Events   []core.Event
}

// state reads the store behind everything that interferes.
func (w *world) state() (s state) {
	w.t.Helper()
	for _, tenant := range []core.TenantID{"", acme, other} {
		accounts, err := w.store.Store.Accounts(w.t.Context(), tenant, "", 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, a := range accounts {
			whole, err := w.store.Store.Account(w.t.Context(), tenant, core.Key{Kind: core.KeyID, Value: string(a.ID)})
			if err != nil {
				w.t.Fatal(err)
			}
			s.Accounts = append(s.Accounts, whole)
		}
		events, err := w.store.Events(w.t.Context(), tenant, "", 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		s.Events = append(s.Events, events...)
	}
	for _, digest := range w.store.issued() {
		token, err := w.store.Store.Token(w.t.Context(), digest)
		if err == nil {
			s.Tokens = append(s.Tokens, token)
		}
	}
	return s
}

// unchanged fails the test if anything but the events is not as it was.
func (w *world) unchanged(before state) {
	w.t.Helper()
	after := w.state()
	after.Events, before.Events = nil, nil
	if diff := diff(before, after); diff != "" {
		w.t.Errorf("a refused attempt changed the store (-before +after):\n%s", diff)
	}
}

// diff compares what the store remembers.
func diff[T any](want, got T) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b }))
}

// since returns the events recorded since the state.
func (w *world) since(before state) []core.Event {
	w.t.Helper()
	return slices.DeleteFunc(w.state().Events, func(e core.Event) bool { return slices.Contains(before.Events, e) })
}

// code fails the test unless err has the code.
func code(t tb, err error, want core.Code, about ...any) {
	t.Helper()
	if got := core.CodeOf(err); got != want {
		t.Errorf("%sgot %q (%v), want %q", fmt.Sprintln(about...), got, err, want)
	}
}

// counter counts derivations; before, if set, may fail one.
type counter struct {
	core.Hasher
	n      atomic.Int64
	before func(context.Context) error
	idle   bool         // whether workers are: then hashes are made ahead
	open   atomic.Int64 // that were begun and not waited for
	full   bool         // whether the queue is
}

// count returns how many derivations f runs.
func (c *counter) count(f func()) int {
	start := c.n.Load()
	f()
	return int(c.n.Load() - start)
}

func (c *counter) step(ctx context.Context) error {
	c.n.Add(1)
	if c.before == nil {
		return nil
	}
	return c.before(ctx)
}

func (c *counter) Hash(ctx context.Context, p core.Password) (string, error) {
	if err := c.step(ctx); err != nil {
		return "", err
	}
	return c.Hasher.Hash(ctx, p)
}

func (c *counter) Seat(ctx context.Context, now bool) (context.Context, func(), error) {
	if now && c.full {
		return ctx, nil, &core.Error{Code: core.Unavailable, RetryAfter: time.Second}
	}
	return c.Hasher.Seat(ctx, now)
}

func (c *counter) HashAhead(_ context.Context, p core.Password) func() (string, error) {
	if !c.idle {
		return nil
	}
	c.open.Add(1)
	begun := make(chan struct{})
	var made string
	var err error
	go func() {
		defer close(begun)
		made, err = c.Hash(context.Background(), p) // a seat is for one derivation at a time
	}()
	return sync.OnceValues(func() (string, error) {
		<-begun
		c.open.Add(-1)
		return made, err
	})
}

func (c *counter) Verify(ctx context.Context, p core.Password, stored string) (bool, error) {
	if err := c.step(ctx); err != nil {
		return false, err
	}
	return c.Hasher.Verify(ctx, p, stored)
}

func (c *counter) Derive(ctx context.Context, p core.Password, setting string) (string, error) {
	if err := c.step(ctx); err != nil {
		return "", err
	}
	return c.Hasher.Derive(ctx, p, setting)
}

// dice is randomness that is the same in every run; fail, if set, may fail a
// read.
type dice struct {
	mu     sync.Mutex
	source *rand.ChaCha8
	fail   func() error
}

func newDice() *dice { return &dice{source: rand.NewChaCha8([32]byte{})} }

func (d *dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		if err := d.fail(); err != nil {
			return 0, err
		}
	}
	return d.source.Read(p)
}
