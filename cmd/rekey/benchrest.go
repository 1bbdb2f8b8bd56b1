package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	mathrand "math/rand/v2"
	"net/netip"

	"rekey/cmd/rekey/bench"
	"rekey/core"
	"rekey/store"
)

// instant is a hasher that derives nothing: what a change takes with it is all
// that is not derivation. It takes any password, and every verifier it makes is
// one that was made before.
type instant struct {
	core.Hasher
	verifier string
}

func (h instant) Hash(context.Context, core.Password) (string, error) { return h.verifier, nil }

func (instant) HashAhead(context.Context, core.Password) (wait func() (string, error)) { return nil }

func (instant) Verify(context.Context, core.Password, string) (bool, error) { return true, nil }

func (instant) Derive(_ context.Context, _ core.Password, setting string) (string, error) {
	return setting + "$" + base64.RawStdEncoding.EncodeToString(randomBytes(32)), nil
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// restBy says how changes are made that derive nothing: of anybody in the crowd,
// or of the clients' accounts if there is none.
func (f *benchFlags) restBy(i *installation, model core.Account, accounts []*bench.Account) {
	parts := i.passwords.Parts
	parts.Hasher = instant{parts.Hasher, model.Verifier}
	service := core.New(parts)
	f.setup.Rest = func(ctx context.Context, n int) (changes []func(context.Context) error, err error) {
		size, email := len(accounts), func(k int) string { return accounts[k].Email }
		if f.setup.Crowd > 0 {
			size, email = f.setup.Crowd, store.CrowdEmail
		}
		for k := range distinct(min(n, size), size) {
			who := core.Locator{Email: email(k)}
			change, err := f.restChange(ctx, service, who)
			if err != nil {
				return nil, err
			}
			changes = append(changes, func(ctx context.Context) error {
				_, err := service.Change(ctx, change)
				return err
			})
		}
		return changes, nil
	}
}

// distinct returns n different numbers below the end: an account that is issued a
// second token has lost the first.
func distinct(n, end int) map[int]bool {
	chosen := map[int]bool{}
	for len(chosen) < n {
		chosen[mathrand.IntN(end)] = true //nolint:gosec // anybody will do
	}
	return chosen
}

// restChange prepares a change by the dialect's proof.
func (f *benchFlags) restChange(ctx context.Context, service *core.Service, who core.Locator) (core.Change, error) {
	change := core.Change{
		Tenant: devTenant, New: core.NewPassword(bench.NewPassword()), Caller: "bench",
		Origin: core.Origin{Dialect: f.setup.Dialect, Addr: netip.AddrFrom4([4]byte{192, 0, 2, 2}), RequestID: rand.Text()},
	}
	switch f.setup.Dialect {
	case "unleash":
		token, _, err := service.IssueToken(ctx, devTenant, who, "bench", byOperator)
		if err != nil {
			return change, err
		}
		change.Proof = core.Possession{Token: token}
	case "zap":
		current := core.NewPassword("any")
		change.Proof = core.Authority{Account: who, Current: &current, Factor: core.Factor{Rule: core.FactorEnrolled}}
	default:
		change.Proof = core.Knowledge{Account: who, Current: core.NewPassword("any")}
	}
	return change, nil
}
