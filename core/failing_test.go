package core_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"rekey/core"
)

// operations is everything that a service does with its dependencies, each as
// it is asked for in a world with ada, a live token of hers and grace.
var operations = map[string]func(context.Context, *world, core.Token) error{
	"change by knowledge": changing(func(core.Token) core.Proof { return knows(correct) }, fresh),
	"change by a token":   changing(func(token core.Token) core.Proof { return core.Possession{Token: token} }, fresh),
	"change by an admin":  changing(func(core.Token) core.Proof { return core.Authority{Admin: admin, Account: ada} }, fresh),
	"wrong password":      changing(func(core.Token) core.Proof { return knows(wrong) }, fresh),
	"missing account":     changing(func(core.Token) core.Proof { return core.Knowledge{Account: core.Locator{Login: "nobody"}} }, fresh),
	"unknown token":       changing(func(core.Token) core.Proof { return core.Possession{Token: core.NewToken("x")} }, fresh),
	"weak password":       changing(func(core.Token) core.Proof { return knows(correct) }, "weak"),
	"weak, by a token":    changing(func(token core.Token) core.Proof { return core.Possession{Token: token} }, "weak"),
	"reused password":     changing(func(token core.Token) core.Proof { return core.Possession{Token: token} }, correct),
	"malformed":           changing(func(core.Token) core.Proof { return knows(correct) }, "\xff"),
	"create":              creating("mary"),
	"create, taken":       creating("grace"),
	"disable": func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.SetDisabled(ctx, acme, ada, true, "", origin))
	},
	"enable": func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.SetDisabled(ctx, acme, ada, false, "", origin))
	},
	"external id":        naming("9"),
	"external id, taken": naming("8"),
	"issue":              issuing(ada),
	"issue to nobody":    issuing(core.Locator{Login: "nobody"}),
	"revoke": func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.RevokeTokens(ctx, acme, ada, "", origin))
	},
	"inspect":            inspecting(func(token core.Token) core.Token { return token }),
	"inspect an unknown": inspecting(func(core.Token) core.Token { return core.NewToken("x") }),
	"read":               func(ctx context.Context, w *world, _ core.Token) error { return second(w.Account(ctx, acme, ada)) },
	"read a missing one": func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.Account(ctx, acme, core.Locator{ID: "x"}))
	},
	"unlock": func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.Unlock(ctx, acme, ada, "operator", origin))
	},
	"end sessions": func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.EndSessions(ctx, acme, ada, "operator", origin))
	},
	"verify":           verifying(ada, correct),
	"verify, wrong":    verifying(ada, wrong),
	"verify of nobody": verifying(core.Locator{Login: "nobody"}, wrong),
	"search": func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.Search(ctx, acme, core.Search{Kind: core.KeyLogin, Prefix: "a"}, "", 10))
	},
	"audit": func(ctx context.Context, w *world, _ core.Token) error {
		_, _, err := w.Events(ctx, acme, core.Trail{}, 10)
		return err
	},
	"list": func(ctx context.Context, w *world, _ core.Token) error { return second(w.Accounts(ctx, acme, "", 10)) },
}

func second[T any](_ T, err error) error { return err }

func changing(proof func(core.Token) core.Proof, password string) func(context.Context, *world, core.Token) error {
	return func(ctx context.Context, w *world, token core.Token) error {
		return second(w.Change(ctx, core.Change{Tenant: acme, Proof: proof(token), New: core.NewPassword(password), Origin: origin}))
	}
}

func creating(username string) func(context.Context, *world, core.Token) error {
	return func(ctx context.Context, w *world, _ core.Token) error {
		p := core.NewPassword(fresh)
		return second(w.CreateAccount(ctx, core.NewAccount{Tenant: acme, Username: username, Password: &p}, origin))
	}
}

func verifying(l core.Locator, password string) func(context.Context, *world, core.Token) error {
	return func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.Verify(ctx, core.Verification{Tenant: acme, Account: l, Password: core.NewPassword(password), Origin: origin}))
	}
}

func naming(id string) func(context.Context, *world, core.Token) error {
	return func(ctx context.Context, w *world, _ core.Token) error {
		return second(w.SetExternalID(ctx, acme, ada, core.Key{Kind: "zap", Value: id}, "", origin))
	}
}

func issuing(l core.Locator) func(context.Context, *world, core.Token) error {
	return func(ctx context.Context, w *world, _ core.Token) error {
		_, _, err := w.IssueToken(ctx, acme, l, "", origin)
		return err
	}
}

func inspecting(which func(core.Token) core.Token) func(context.Context, *world, core.Token) error {
	return func(ctx context.Context, w *world, token core.Token) error {
		_, _, err := w.InspectToken(ctx, "", which(token))
		return err
	}
}

// breakable is each dependency, and how to fail its nth call with err.
var breakable = map[string]func(w *world, step func() error){
	"store": func(w *world, step func() error) {
		w.store.before = func(context.Context, string) error { return step() }
	},
	"store, afterward": func(w *world, step func() error) {
		w.store.after = func(context.Context, string) error { return step() }
	},
	"hasher":     func(w *world, step func() error) { w.hasher.before = func(context.Context) error { return step() } },
	"randomness": func(w *world, step func() error) { w.random.fail = step },
}

// Every dependency is failed at its nth call, for every n, in every operation.
// Whatever fails, nothing is changed and nothing but the failure is answered;
// only a call that fails after it was done may leave what it did.
func TestAFailureAnywhereChangesNothing(t *testing.T) {
	causes := []error{&core.Error{Code: core.Unavailable, Err: errors.New("down")}, errors.New("unheard of")}
	for name, operate := range operations {
		for what, breaks := range breakable {
			for _, cause := range causes {
				for n, met := 1, true; met; n++ {
					about := fmt.Sprintf("%s, %s fails at call %d with %v:", name, what, n, cause)
					w, token := failingWorld(t)
					before := w.state()
					calls := 0
					breaks(w, func() error {
						if calls++; calls != n {
							return nil
						}
						return cause
					})
					err := operate(t.Context(), w, token)
					w.store.before, w.store.after, w.hasher.before, w.random.fail = nil, nil, nil, nil
					if met = calls >= n; !met {
						break // fewer than n calls: this was the answer without a failure
					}
					if got := core.CodeOf(err); got != core.Unavailable && got != core.Internal {
						t.Errorf("%s got %q (%v)", about, got, err)
					}
					if what == "store, afterward" {
						continue
					}
					if diff := diff(before, w.state()); diff != "" {
						t.Errorf("%s something was stored:\n%s", about, diff)
					}
				}
			}
		}
	}
}

func failingWorld(t *testing.T) (*world, core.Token) {
	w := newWorld(t)
	w.guard()
	w.account(correct)
	w.create(core.NewAccount{Tenant: acme, Username: "grace", ExternalIDs: map[string]string{"zap": "8"}})
	return w, w.token()
}
