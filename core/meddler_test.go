package core_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"rekey/core"
)

// meddler is a store that lets a test act before and after each call. An error
// of before takes the call's place; an error of after hides its success.
type meddler struct {
	core.Store
	before, after func(ctx context.Context, verb string) error

	mu      sync.Mutex
	digests []core.Digest
}

// issued returns the digests of all tokens that were to be stored.
func (m *meddler) issued() []core.Digest {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.digests)
}

func meddle[T any](ctx context.Context, m *meddler, verb string, call func() (T, error)) (result T, err error) {
	if m.before != nil {
		if err := m.before(ctx, verb); err != nil {
			return result, err
		}
	}
	if result, err = call(); err != nil || m.after == nil {
		return result, err
	}
	if err := m.after(ctx, verb); err != nil {
		var none T
		return none, err
	}
	return result, nil
}

// do is meddle for a call without a result.
func (m *meddler) do(ctx context.Context, verb string, call func() error) error {
	_, err := meddle(ctx, m, verb, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

func (m *meddler) Account(ctx context.Context, tenant core.TenantID, key core.Key) (core.Account, error) {
	return meddle(ctx, m, "Account", func() (core.Account, error) { return m.Store.Account(ctx, tenant, key) })
}

func (m *meddler) Find(ctx context.Context, tenant core.TenantID, key core.Key) (core.AccountID, error) {
	return meddle(ctx, m, "Find", func() (core.AccountID, error) { return m.Store.Find(ctx, tenant, key) })
}

func (m *meddler) Accounts(ctx context.Context, tenant core.TenantID, after core.AccountID, limit int) ([]core.Account, error) {
	return meddle(ctx, m, "Accounts", func() ([]core.Account, error) { return m.Store.Accounts(ctx, tenant, after, limit) })
}

func (m *meddler) CreateAccount(ctx context.Context, a core.Account, e core.Event) error {
	return m.do(ctx, "CreateAccount", func() error { return m.Store.CreateAccount(ctx, a, e) })
}

func (m *meddler) SetDisabled(ctx context.Context, tenant core.TenantID, id core.AccountID, disabled bool, e core.Event) error {
	return m.do(ctx, "SetDisabled", func() error { return m.Store.SetDisabled(ctx, tenant, id, disabled, e) })
}

func (m *meddler) SetExternalID(ctx context.Context, tenant core.TenantID, id core.AccountID, key core.Key, e core.Event) error {
	return m.do(ctx, "SetExternalID", func() error { return m.Store.SetExternalID(ctx, tenant, id, key, e) })
}

func (m *meddler) EndSessions(ctx context.Context, tenant core.TenantID, id core.AccountID, e core.Event) error {
	return m.do(ctx, "EndSessions", func() error { return m.Store.EndSessions(ctx, tenant, id, e) })
}

func (m *meddler) Upgrade(ctx context.Context, tenant core.TenantID, id core.AccountID, revision int64, verifier string, e core.Event) error {
	return m.do(ctx, "Upgrade", func() error { return m.Store.Upgrade(ctx, tenant, id, revision, verifier, e) })
}

func (m *meddler) Meant(ctx context.Context, tenant core.TenantID, text string) ([]core.Account, error) {
	return meddle(ctx, m, "Meant", func() ([]core.Account, error) { return m.Store.Meant(ctx, tenant, text) })
}

func (m *meddler) Search(ctx context.Context, tenant core.TenantID, q core.Search, after string, limit int) ([]core.Account, error) {
	return meddle(ctx, m, "Search", func() ([]core.Account, error) { return m.Store.Search(ctx, tenant, q, after, limit) })
}

func (m *meddler) Trail(ctx context.Context, tenant core.TenantID, q core.Trail, limit, within int) (found []core.Event, end core.EventID, err error) {
	found, err = meddle(ctx, m, "Trail", func() (found []core.Event, err error) {
		found, end, err = m.Store.Trail(ctx, tenant, q, limit, within)
		return found, err
	})
	return found, end, err
}

func (m *meddler) Token(ctx context.Context, digest core.Digest) (core.ResetToken, error) {
	return meddle(ctx, m, "Token", func() (core.ResetToken, error) { return m.Store.Token(ctx, digest) })
}

func (m *meddler) CreateToken(ctx context.Context, t core.ResetToken, e core.Event) error {
	m.mu.Lock()
	m.digests = append(m.digests, t.Digest)
	m.mu.Unlock()
	return m.do(ctx, "CreateToken", func() error { return m.Store.CreateToken(ctx, t, e) })
}

func (m *meddler) RevokeTokens(ctx context.Context, tenant core.TenantID, id core.AccountID, e core.Event) (int, error) {
	return meddle(ctx, m, "RevokeTokens", func() (int, error) { return m.Store.RevokeTokens(ctx, tenant, id, e) })
}

func (m *meddler) Apply(ctx context.Context, mutation core.Mutation) error {
	return m.do(ctx, "Apply", func() error { return m.Store.Apply(ctx, mutation) })
}

func (m *meddler) Record(ctx context.Context, e core.Event) error {
	return m.do(ctx, "Record", func() error { return m.Store.Record(ctx, e) })
}

// attempts is the store underneath, as what counts attempts.
func (m *meddler) attempts() core.Attempts { return m.Store.(core.Attempts) }

func (m *meddler) Reserve(
	ctx context.Context, now time.Time, c core.Claim, rules core.AttemptRules, limits ...core.Limit,
) (core.Reservation, error) {
	return meddle(ctx, m, "Reserve", func() (core.Reservation, error) { return m.attempts().Reserve(ctx, now, c, rules, limits...) })
}

func (m *meddler) Release(ctx context.Context, c core.Claim) error {
	return m.do(ctx, "Release", func() error { return m.attempts().Release(ctx, c) })
}

func (m *meddler) Settle(ctx context.Context, s core.Settlement) error {
	return m.do(ctx, "Settle", func() error { return m.attempts().Settle(ctx, s) })
}

func (m *meddler) Failures(ctx context.Context, accounts ...string) (int, error) {
	return meddle(ctx, m, "Failures", func() (int, error) { return m.attempts().Failures(ctx, accounts...) })
}

// count returns a hook that counts the calls of one verb.
func count(n *int, verb string) func(context.Context, string) error {
	return func(_ context.Context, called string) error {
		if called == verb {
			*n++
		}
		return nil
	}
}
