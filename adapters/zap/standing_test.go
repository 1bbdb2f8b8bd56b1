package zap_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/adaptertest"
	"rekey/adapters/zap"
	"rekey/core"
	"rekey/store/memory"
)

// directory is a store in which what TokensValidAfter is can be set, and the
// look-up of one key fails.
type directory struct {
	core.Store
	validAfter time.Time
	broken     core.Key
	failure    error
}

func (d directory) Account(ctx context.Context, tenant core.TenantID, key core.Key) (core.Account, error) {
	if key == d.broken {
		return core.Account{}, d.failure
	}
	account, err := d.Store.Account(ctx, tenant, key)
	if !d.validAfter.IsZero() {
		account.TokensValidAfter = d.validAfter
	}
	return account, err
}

// add adds an account to the directory.
func add(t *testing.T, passwords *core.Service, n core.NewAccount) core.Account {
	t.Helper()
	account, err := passwords.CreateAccount(t.Context(), n, core.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return account
}

var (
	asRoot = map[string]string{zap.ExternalID: "root"}
	root   = core.Key{Kind: zap.ExternalID, Value: "root"}
)

func TestATokenOlderThanItsAdminsPasswordIsRefused(t *testing.T) {
	second := adaptertest.Now.Add(-time.Hour)
	for name, test := range map[string]struct {
		validAfter time.Time
		issued     time.Time
		want       int
	}{
		"issued before":                        {second, second.Add(-time.Second), 401},
		"in the very second, which was whole":  {second, second, passed},
		"after":                                {second, second.Add(time.Second), passed},
		"in the second of the change":          {second.Add(time.Microsecond), second, 401},
		"in the second of the change, its end": {second.Add(time.Second - time.Microsecond), second, 401},
		"in the next second":                   {second.Add(time.Microsecond), second.Add(time.Second), passed},
		"long before":                          {adaptertest.Now, second, 401},
		"leeway is no excuse":                  {second.Add(20 * time.Second), second, 401},
	} {
		server, passwords := serveOn(t, issuers(), directory{Store: memory.New(), validAfter: test.validAfter})
		add(t, passwords, core.NewAccount{Tenant: adaptertest.Tenant, Username: "root", ExternalIDs: asRoot})
		token := hs256(mainSecret, jwt.MapClaims{"iat": test.issued.Unix()})
		w := post(server, "{}", "Bearer "+token)
		if w.Code != test.want {
			t.Errorf("%s: got %d, want %d", name, w.Code, test.want)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); w.Code == 401 && challenge != `Bearer error="invalid_token"` {
			t.Errorf("%s: got challenge %q", name, challenge)
		}
	}
}

func TestAnAdminsAccountIsFoundInTheIssuersTenantOnly(t *testing.T) {
	later := adaptertest.Now
	byEmail := issuers()
	i := byEmail.Issuers["main"]
	i.EmailClaim = "user.email"
	byEmail.Issuers["main"] = i
	addressed := jwt.MapClaims{"user": map[string]any{"email": "Root@Acme.example"}}
	for name, test := range map[string]struct {
		cfg     zap.Config
		account core.NewAccount
		change  jwt.MapClaims
		want    int
	}{
		"by the subject":                 {issuers(), core.NewAccount{Tenant: adaptertest.Tenant, Username: "x", ExternalIDs: asRoot}, nil, 401},
		"in another tenant":              {issuers(), core.NewAccount{Tenant: "other", Username: "x", ExternalIDs: asRoot}, nil, passed},
		"another dialect's id":           {issuers(), core.NewAccount{Tenant: adaptertest.Tenant, Username: "x", ExternalIDs: map[string]string{"unleash": "root"}}, nil, passed},
		"a username that looks alike":    {issuers(), core.NewAccount{Tenant: adaptertest.Tenant, Username: "root"}, nil, passed},
		"by an address, if not asked to": {issuers(), core.NewAccount{Tenant: adaptertest.Tenant, Email: "root@acme.example"}, addressed, passed},
		"by an address":                  {byEmail, core.NewAccount{Tenant: adaptertest.Tenant, Email: "root@acme.example"}, addressed, 401},
		"by an address, elsewhere":       {byEmail, core.NewAccount{Tenant: "other", Email: "root@acme.example"}, addressed, passed},
		"by a username of that form":     {byEmail, core.NewAccount{Tenant: adaptertest.Tenant, Username: "root@acme.example"}, addressed, passed},
		"an address that is missing":     {byEmail, core.NewAccount{Tenant: adaptertest.Tenant, Email: "root@acme.example"}, nil, passed},
		"the subject goes first":         {byEmail, core.NewAccount{Tenant: adaptertest.Tenant, Username: "x", ExternalIDs: asRoot}, addressed, 401},
	} {
		server, passwords := serveOn(t, test.cfg, directory{Store: memory.New(), validAfter: later})
		add(t, passwords, test.account)
		if w := post(server, "{}", "Bearer "+hs256(mainSecret, test.change)); w.Code != test.want {
			t.Errorf("%s: got %d, want %d", name, w.Code, test.want)
		}
	}
}

func TestADisabledAdminIsRefused(t *testing.T) {
	server, passwords := serveOn(t, issuers(), memory.New())
	account := add(t, passwords, core.NewAccount{Tenant: adaptertest.Tenant, Username: "root", ExternalIDs: asRoot})
	fresh := "Bearer " + hs256(mainSecret, jwt.MapClaims{"iat": at(0)})
	for _, test := range []struct {
		disabled bool
		want     int
	}{{true, 401}, {false, passed}} {
		if _, err := passwords.SetDisabled(t.Context(), account.Tenant, core.Locator{ID: account.ID}, test.disabled, "", core.Origin{}); err != nil {
			t.Fatal(err)
		}
		if w := post(server, "{}", fresh); w.Code != test.want {
			t.Errorf("disabled %v: got %d, want %d", test.disabled, w.Code, test.want)
		}
	}
}

func TestAStoreThatFailsLetsNobodyThrough(t *testing.T) {
	for _, failure := range []error{core.Unavailable, context.DeadlineExceeded, context.Canceled} {
		server, _ := serveOn(t, issuers(), directory{Store: memory.New(), broken: root, failure: failure})
		w := post(server, "{}", "Bearer "+hs256(mainSecret, nil))
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("%v: got %d", failure, w.Code)
		}
	}
	server, _ := serveOn(t, issuers(), directory{Store: memory.New(), broken: root, failure: errors.New("nobody classified this")})
	if w := post(server, "{}", "Bearer "+hs256(mainSecret, nil)); w.Code != http.StatusInternalServerError {
		t.Errorf("an unclassified failure: got %d", w.Code)
	}
	// Whoever is no administrator costs no query.
	if w := post(server, "{}", "Bearer "+hs256(mainSecret, jwt.MapClaims{"role": "user"})); w.Code != http.StatusForbidden {
		t.Errorf("without the role: got %d", w.Code)
	}
}
