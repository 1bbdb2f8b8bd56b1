package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/core/wordlist"
	"rekey/store/memory"
)

// Now is the time at which every transcript begins, and stays.
var Now = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// Tenant is the tenant of an account that a transcript gives none.
const Tenant core.TenantID = "acme"

// world is the real domain on the store in memory, with one adapter.
type world struct {
	t        *testing.T
	parts    core.Parts
	addr     string
	contract *Contract // nil if the adapter describes nothing

	names   map[core.AccountID]string
	tenants map[core.AccountID]core.TenantID
	seen    map[core.EventID]bool
	limits  core.MailLimits
}

func newWorld(t *testing.T, d Dialect, given, config string) *world {
	pool, err := passhash.New(passhash.ForTests(), &counter{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, names: map[core.AccountID]string{}, tenants: map[core.AccountID]core.TenantID{},
		seen: map[core.EventID]bool{},
	}
	kept := memory.New()
	w.parts = core.Parts{
		Store: kept, Outbox: kept, Throttle: kept, Factors: kept, AccessKeys: kept, Replays: kept, Deliveries: kept, Samples: kept, Sealer: newSealer(t), Hasher: pool, Policy: core.NIST(wordlist.Common), History: 5, TokenTTL: 24 * time.Hour,
		Now: func() time.Time { return Now }, Random: &counter{}, Sessions: kept,
	}
	for line := range strings.Lines(given) {
		if words := strings.Fields(line); len(words) > 0 {
			if err := w.given(words); err != nil {
				t.Fatalf("given %s: %v", strings.TrimSpace(line), err)
			}
		}
	}
	w.newEvents()
	w.serve(d, config)
	return w
}

func (w *world) serve(d Dialect, config string) {
	env := adapters.Env{
		Passwords: core.New(w.parts), Now: w.parts.Now, Random: &counter{}, Log: slog.New(slog.DiscardHandler),
		MailLimits: w.limits,
	}
	adapter, err := d.New([]byte(config), env)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = adapters.Close(adapter) })
	w.contract = ContractOf(w.t, adapter)
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	watch := adapters.Watch{Log: env.Log, Now: env.Now, Random: env.Random}
	watch.Attach(e)
	if err := adapters.Mount(e, adapter); err != nil {
		w.t.Fatal(err)
	}
	server := httptest.NewServer(e)
	w.t.Cleanup(server.Close)
	w.addr = server.Listener.Addr().String()
}

// given sets up one line of the given section:
//
//	account NAME [username=] [email=] [password=] [tenant=] [name=] [disabled=true] [KIND=EXTERNALID] [DIALECT.ATTRIBUTE=]
//	token TEXT for=NAME [age=25h]
//	factor NAME secret=20BYTES
//	code DIGITS for=NAME [age=11m]
//	policy unleash|nist
//	mail none|every=1m
//	keys none
//	key NAME scopes=SCOPE,SCOPE [tenant=] [lifetime=] [standing=revoked|expired]
//	delivery ID to=ENDPOINT for=NAME [dead=REASON] [held=true]
//	sample REPLICA [ago=1m] [changes=CHANGED,REFUSED,FAILED] [took=60ms,…] [derivations=WORKERS,RUNNING,WAITING,REFUSED] [mail=WAITING,DEAD,MILLISECONDS] [events=likewise]
//	attempts N: so many may fail before the next ones wait
//
// A key's 32 random bytes are its name, followed by dashes.
//
// An account's username is its name and its e-mail NAME@acme.example unless
// said otherwise. In values '+' stands for a space.
func (w *world) given(words []string) error {
	options := map[string]string{}
	for _, word := range words[min(2, len(words)):] {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			return fmt.Errorf("no value in %q", word)
		}
		options[key] = strings.ReplaceAll(value, "+", " ")
	}
	switch {
	case len(words) < 2:
		return errors.New("too few words")
	case words[0] == "account":
		return w.account(words[1], options)
	case words[0] == "token":
		return w.token(words[1], options)
	case words[0] == "factor":
		return w.factor(words[1], options)
	case words[0] == "code":
		return w.code(words[1], options)
	case words[0] == "key":
		return w.key(words[1], options)
	case words[0] == "delivery":
		return w.delivery(words[1], options)
	case words[0] == "sample":
		return w.sample(words[1], options)
	case words[0] == "policy" && words[1] == "unleash":
		w.parts.Policy = core.Unleash()
		return nil
	case words[0] == "mail":
		return w.mail(words[1])
	case words[0] == "keys" && words[1] == "none":
		w.parts.Sealer = nil
		return nil
	case words[0] == "attempts":
		return w.attempts(words[1])
	}
	return fmt.Errorf("unknown: %s", words[0])
}

func (w *world) account(name string, options map[string]string) error {
	take := func(key, otherwise string) string {
		value, ok := options[key]
		delete(options, key)
		if !ok {
			return otherwise
		}
		return value
	}
	fresh := core.NewAccount{
		Tenant:   core.TenantID(take("tenant", string(Tenant))),
		Username: take("username", name), Email: take("email", name+"@acme.example"), Name: take("name", ""),
		Attributes: map[string]string{},
	}
	for key, value := range options {
		if strings.Contains(key, ".") {
			fresh.Attributes[key] = value
			delete(options, key)
		}
	}
	if password := take("password", ""); password != "" {
		p := core.NewPassword(password)
		fresh.Password = &p
	}
	disabled, _ := strconv.ParseBool(take("disabled", "false"))
	fresh.ExternalIDs = options
	lenient := w.parts
	lenient.Policy = core.Policy{}
	service := core.New(lenient)
	account, err := service.CreateAccount(context.Background(), fresh, core.Origin{})
	if err != nil {
		return err
	}
	w.names[account.ID], w.tenants[account.ID] = name, account.Tenant
	if disabled {
		_, err = service.SetDisabled(context.Background(), fresh.Tenant, core.Locator{ID: account.ID}, true, "", core.Origin{})
	}
	return err
}

func (w *world) token(text string, options map[string]string) error {
	age, err := time.ParseDuration("0" + options["age"])
	if err != nil {
		return err
	}
	for id, name := range w.names {
		if name != options["for"] {
			continue
		}
		tenant := w.tenants[id]
		return w.parts.Store.CreateToken(context.Background(), core.ResetToken{
			Digest: core.NewToken(text).Digest(), Tenant: tenant, Account: id, IssuedBy: "operator",
			IssuedAt: Now.Add(-age), ExpiresAt: Now.Add(w.parts.TokenTTL - age),
		}, core.Event{ID: core.EventID("given-" + text), At: Now, Tenant: tenant, Account: id, Action: core.TokenIssued})
	}
	return fmt.Errorf("no account %q", options["for"])
}
