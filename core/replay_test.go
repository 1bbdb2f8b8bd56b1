package core_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"rekey/core"
	"rekey/core/passhash"
	"rekey/store"
	"rekey/store/memory"
	"rekey/store/pgtest"
)

// factorKeeper is a store that keeps factors as well.
type factorKeeper interface {
	core.Store
	core.Factors
}

// Of twenty changes with one code, over two replicas, exactly one succeeds.
func TestACodeWorksOnceInEveryStore(t *testing.T) {
	for name, open := range map[string]func(*testing.T) []factorKeeper{
		"memory": func(*testing.T) []factorKeeper {
			kept := memory.New()
			return []factorKeeper{kept, kept}
		},
		"SQLite": func(t *testing.T) []factorKeeper {
			return replicas(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))
		},
		"PostgreSQL": func(t *testing.T) []factorKeeper { return replicas(t, pgtest.DSN(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			for kind, sent := range map[string]func(*factorWorld) string{
				"of an app": func(w *factorWorld) string { return appCode(w.enrol(), noon) },
				"mailed":    func(w *factorWorld) string { return w.mailed(ada) },
			} {
				t.Run(kind, func(t *testing.T) { sendAtOnce(t, open(t), sent) })
			}
		})
	}
}

func sendAtOnce(t *testing.T, stores []factorKeeper, sent func(*factorWorld) string) {
	w := newFactorWorld(t)
	w.store.Store, w.factors.Factors = stores[0], stores[0]
	w.hasher.Hasher = newPool(t, passhash.ForTests(), w.random)
	w.account(correct)
	once := sent(w)
	outcomes := make(chan core.Code, 20)
	start := &gate{need: cap(outcomes), open: make(chan struct{})}
	var services []*core.Service
	for _, s := range stores {
		parts := w.Parts
		parts.Store, parts.Factors = gated{s, start}, s
		services = append(services, core.New(parts))
	}
	var all sync.WaitGroup
	for i := range cap(outcomes) {
		all.Go(func() {
			proof := withCode(governs(correct), core.FactorRequired, once)
			_, err := services[i%len(services)].Change(t.Context(),
				core.Change{Tenant: acme, Proof: proof, New: core.NewPassword(password(i)), Origin: origin})
			outcomes <- core.CodeOf(err)
		})
	}
	all.Wait()
	close(outcomes)
	counts := map[core.Code]int{}
	for outcome := range outcomes {
		counts[outcome]++
	}
	if counts[""] != 1 || counts[""]+counts[core.WrongFactor]+counts[core.WrongPassword]+counts[core.Conflict] != 20 {
		t.Errorf("got %v", counts)
	}
	if a := w.read(acme, ada); a.Factor != nil && a.Factor.LastStep != noon.Unix()/30 {
		t.Errorf("the step is not spent: %+v", a.Factor)
	}
}

// gated is a store in which nobody commits before all have read the account.
type gated struct {
	core.Store
	*gate
}

type gate struct {
	mu   sync.Mutex
	need int
	open chan struct{}
}

func (g gated) Account(ctx context.Context, tenant core.TenantID, key core.Key) (core.Account, error) {
	a, err := g.Store.Account(ctx, tenant, key)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.need--; g.need == 0 {
		close(g.open)
	}
	return a, err
}

func (g gated) Apply(ctx context.Context, m core.Mutation) error {
	<-g.open
	return g.Store.Apply(ctx, m)
}

// replicas opens the database twice.
func replicas(t *testing.T, dsn string) []factorKeeper {
	t.Helper()
	if err := store.Migrate(t.Context(), store.Options{DSN: dsn}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	var all []factorKeeper
	for range 2 {
		db, err := store.Open(t.Context(), store.Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		all = append(all, db)
	}
	return all
}
