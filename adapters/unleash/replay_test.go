package unleash_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/unleash"
	"rekey/config/secret"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/store/memory"
)

const (
	adminToken    = "*:*.964a287e1b728cb5f4f3e0120df92cb5000000000000000000000001"
	backendToken  = "*:development.964a287e1b728cb5f4f3e0120df92cb500000000000002"
	frontendToken = "default:development.964a287e1b728cb5f4f3e0120df92cb500000003"
)

// replayServer is the dialect on a store in memory, with one account.
type replayServer struct {
	t         *testing.T
	addr      string
	passwords *core.Service
	store     *forgetful
	account   core.Account

	mu   sync.Mutex
	past time.Duration // how far back the clock is put while a token is issued
}

// forgetful is a store that can lose an account, as a deleted one is lost.
type forgetful struct {
	*memory.Store
	lost core.AccountID
}

func (f *forgetful) Account(ctx context.Context, tenant core.TenantID, key core.Key) (core.Account, error) {
	account, err := f.Store.Account(ctx, tenant, key)
	if err == nil && account.ID == f.lost {
		return core.Account{}, core.NotFound
	}
	return account, err
}

func newReplayServer(t *testing.T) *replayServer {
	t.Helper()
	pool, err := passhash.New(passhash.ForTests(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &replayServer{t: t, store: &forgetful{Store: memory.New()}}
	s.passwords = core.New(core.Parts{
		Store: s.store, Hasher: pool, Policy: core.Unleash(), History: 5, TokenTTL: 24 * time.Hour, Now: s.now, Random: rand.Reader,
	})
	cfg := unleash.Default()
	cfg.BaseURL = "https://unleash.example"
	cfg.APITokens = map[string]unleash.APIToken{
		"admin":    {Secret: secret.New(adminToken), Kind: unleash.Admin, Tenant: "acme"},
		"backend":  {Secret: secret.New(backendToken), Kind: unleash.Backend},
		"frontend": {Secret: secret.New(frontendToken), Kind: unleash.Frontend},
	}
	env := adapters.Env{Passwords: s.passwords, Now: s.now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)}
	adapter, err := unleash.New(cfg, env)
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	(&adapters.Watch{Log: env.Log, Now: env.Now, Random: env.Random}).Attach(e)
	if err := adapters.Mount(e, adapter); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	s.addr = server.Listener.Addr().String()
	return s
}

func (s *replayServer) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(-s.past)
}

func (s *replayServer) turnBack(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past = by
}

// roles are the vendor's root roles by their numbers.
var roles = map[int]string{1: "admin", 2: "editor", 3: "viewer"}

// prepare does what the recording did before.
func (s *replayServer) prepare(r *replay, step step) {
	ctx := context.Background()
	check := func(err error) {
		if err != nil {
			s.t.Fatalf("%+v: %v", step, err)
		}
	}
	switch step.Do {
	case "account":
		s.add(r, step)
	case "token":
		token, _, err := s.passwords.IssueToken(ctx, "acme", core.Locator{ID: s.account.ID}, "admin", core.Origin{})
		check(err)
		r.bound[step.As] = token.Reveal()
	case "expire":
		// The token is issued anew, so long ago that it expired when the step says.
		ago := map[string]time.Duration{"1 second": time.Second, "24 hours": 24 * time.Hour}[step.Ago]
		s.turnBack(24*time.Hour + ago)
		token, _, err := s.passwords.IssueToken(ctx, "acme", core.Locator{ID: s.account.ID}, "admin", core.Origin{})
		s.turnBack(0)
		check(err)
		r.bound[step.Token] = token.Reveal()
	case "set":
		_, err := s.passwords.Change(ctx, core.Change{
			Tenant: "acme", New: core.NewPassword(step.Password),
			Proof: core.Authority{Account: core.Locator{ID: s.account.ID}},
		})
		check(err)
	case "redeem":
		_, err := s.passwords.Change(ctx, core.Change{
			New: core.NewPassword(step.Password), Proof: core.Possession{Token: core.NewToken(r.bound[step.Token])},
		})
		check(err)
	case "delete":
		s.store.lost = s.account.ID
	case "encode":
		r.bound[step.As] = url.QueryEscape(r.bound[step.Token])
	case "api_tokens": // they are configured
	default:
		s.t.Fatalf("unknown step %q", step.Do)
	}
}

func (s *replayServer) add(r *replay, step step) {
	fresh := core.NewAccount{Tenant: "acme", Name: "Ola Nordmann", Attributes: map[string]string{unleash.RoleAttribute: roles[step.Role]}}
	if step.Username {
		fresh.Username = "ola"
	}
	if step.Email {
		fresh.Email = "ola.nordmann@acme.example"
	}
	if step.Password != "" {
		password := core.NewPassword(step.Password)
		fresh.Password = &password
	}
	r.bound["EMAIL"] = fresh.Email
	account, err := s.passwords.CreateAccount(context.Background(), fresh, core.Origin{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.account = account
}
