package storetest

import (
	"context"
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"rekey/core"
)

// The tenants of every world. No account is in the third.
const (
	acme  core.TenantID = "acme"
	birch core.TenantID = "birch"
	none  core.TenantID = ""
)

// world is a store with what a test needs to use it: events with ids of their
// own, and the tokens that were made.
type world struct {
	testing.TB
	Store
	all     []Store // opened on the same database, Store the first of them
	ctx     context.Context
	count   atomic.Int64
	digests []core.Digest
}

func newWorld(t testing.TB, all ...Store) *world {
	return &world{TB: t, Store: all[0], all: all, ctx: t.Context()}
}

// at returns the n-th second of a test's time, finer than stores keep it and
// in another zone than they return it.
func at(n int) time.Time {
	return time.Date(2026, 11, 21, 12, 0, n, 123_456_789, time.FixedZone("away", 3600))
}

// kept returns t as a store keeps it.
func kept(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// event returns an event that was not used before.
func (w *world) event(tenant core.TenantID, account core.AccountID, action core.Action, when time.Time) core.Event {
	return core.Event{
		ID: core.EventID(fmt.Sprintf("event-%06d", w.count.Add(1))), At: when, Tenant: tenant, Account: account, Action: action,
		Proof: core.ByPossession, Actor: "ops:ωμέγα", Origin: core.Origin{
			Dialect: "zap", Addr: netip.MustParseAddr("2001:db8::7"), RequestID: "request-1",
		},
	}
}

// ada returns an account with everything that an account can have.
func ada(tenant core.TenantID) core.Account {
	return core.Account{
		ID: core.AccountID("id-ada-" + string(tenant)), Tenant: tenant, Username: "Ada", Email: "ada@Löwe.example",
		Name: "Ada Löwe 👩‍💻", ExternalIDs: map[string]string{"licensespring": "Ünïque", "unleash": "7"},
		Attributes: map[string]string{"unleash.role": "Editor", "odd": "<&>\"'\\\x00\u2028👩‍💻", "": ""},
		Factor:     &core.Enrolment{Sealed: "k1.c2VhbGVk", LastStep: 41},
		Verifier:   "$argon2id$ada", HistorySalt: []byte{0, 1, 0xff},
		History:  []core.HistoryEntry{{Hash: "h2", SetAt: at(-1)}, {Hash: "h1", SetAt: at(-2)}},
		Revision: 7, PasswordChangedAt: at(-1), TokensValidAfter: at(-1), CreatedAt: at(-9),
	}
}

// bare returns an account with nothing but a username.
func bare(tenant core.TenantID, name string) core.Account {
	return core.Account{ID: core.AccountID("id-" + name), Tenant: tenant, Username: name, Revision: 1, CreatedAt: at(-9)}
}

// create stores a and returns it as it is kept.
func (w *world) create(a core.Account) core.Account {
	w.Helper()
	w.must(w.CreateAccount(w.ctx, a, w.event(a.Tenant, a.ID, core.AccountCreated, at(0))))
	return w.find(a)
}

// token stores a token of a, issued at the given second and good for an hour.
func (w *world) token(a core.Account, name string, second int) core.Digest {
	w.Helper()
	t := resetToken(a, name, second)
	w.must(w.CreateToken(w.ctx, t, w.event(a.Tenant, a.ID, core.TokenIssued, t.IssuedAt)))
	w.digests = append(w.digests, t.Digest)
	return t.Digest
}

func resetToken(a core.Account, name string, second int) core.ResetToken {
	return core.ResetToken{
		Digest: core.NewToken(name).Digest(), Tenant: a.Tenant, Account: a.ID, IssuedBy: "ops",
		IssuedAt: at(second), ExpiresAt: at(second).Add(time.Hour),
	}
}

// mutation returns a change of a as it is, made at the given second.
func (w *world) mutation(a core.Account, second int, token *core.Digest) core.Mutation {
	return core.Mutation{
		Tenant: a.Tenant, Account: a.ID, Revision: a.Revision, Verifier: fmt.Sprint("$argon2id$", second),
		HistorySalt: []byte{9}, Remember: &core.HistoryEntry{Hash: fmt.Sprint("h", second), SetAt: at(second)}, KeepHistory: 3,
		Token: token, ChangedAt: at(second), TokensValidAfter: at(second),
		Event: w.event(a.Tenant, a.ID, core.PasswordChanged, at(second)),
	}
}

// find returns the account a as it is now.
func (w *world) find(a core.Account) core.Account {
	w.Helper()
	found, err := w.Account(w.ctx, a.Tenant, core.Key{Kind: core.KeyID, Value: string(a.ID)})
	w.must(err)
	return found
}

// known returns the token as it is now.
func (w *world) known(digest core.Digest) core.ResetToken {
	w.Helper()
	t, err := w.Token(w.ctx, digest)
	w.must(err)
	return t
}

func live(t core.ResetToken) bool { return t.UsedAt.IsZero() && t.SupersededAt.IsZero() }
