package store_test

import (
	"context"
	"crypto/rand"
	"net/netip"
	"testing"
	"time"

	"rekey/core"
	"rekey/store"
)

// beside is a hasher that lets something else happen during each derivation.
type beside struct {
	instant
	happens func()
}

func (h beside) Hash(ctx context.Context, p core.Password) (string, error) {
	h.happens()
	return h.instant.Hash(ctx, p)
}

func (h beside) Verify(ctx context.Context, p core.Password, stored string) (bool, error) {
	h.happens()
	return h.instant.Verify(ctx, p, stored)
}

func (h beside) Derive(ctx context.Context, p core.Password, setting string) (string, error) {
	h.happens()
	return h.instant.Derive(ctx, p, setting)
}

// changing returns a service over the database with one account, ada.
func changing(t *testing.T, db *store.DB, h core.Hasher) *core.Service {
	t.Helper()
	pace := core.Pace{Free: 9, First: time.Second, Most: time.Minute}
	service := core.New(core.Parts{
		Store: db, Hasher: h, History: 5, TokenTTL: time.Hour, Now: time.Now, Random: rand.Reader,
		Attempts: db, Rules: core.AttemptRules{PerClient: pace, PerAccount: pace, Stop: core.MaxStop, Client: core.Limit{Every: time.Second, Burst: 99}},
	})
	first := core.NewPassword("first")
	if _, err := service.CreateAccount(t.Context(), core.NewAccount{Tenant: "acme", Username: "ada", Password: &first}, core.Origin{}); err != nil {
		t.Fatal(err)
	}
	return service
}

func changeOf(proof core.Proof) core.Change {
	return core.Change{Tenant: "acme", Proof: proof, New: core.NewPassword("new " + rand.Text()), Origin: core.Origin{Addr: netip.MustParseAddr("192.0.2.1")}}
}

// During a derivation nothing is locked: not the database, not the account, nor
// what is counted of its failures.
func TestNothingIsLockedDuringADerivation(t *testing.T) {
	ada := core.Locator{Login: "ada"}
	onBoth(t, func(t *testing.T, db opened) {
		service := changing(t, db.DB, instant{})
		derivations := 0
		service.Hasher = beside{happens: func() {
			derivations++
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if _, _, err := service.IssueToken(ctx, "acme", ada, "somebody else", core.Origin{}); err != nil {
				t.Errorf("derivation %d: the account is locked: %v", derivations, err)
			}
			db.write(ctx, t, "UPDATE attempts SET failures = failures")
			db.write(ctx, t, "UPDATE accounts SET name = name")
		}}
		if _, err := service.Change(t.Context(), changeOf(core.Knowledge{Account: ada, Current: core.NewPassword("right")})); err != nil {
			t.Error(err)
		}
		if derivations != 3 {
			t.Errorf("got %d derivations, want 3", derivations)
		}
	})
}

// write writes by another connection.
func (db opened) write(ctx context.Context, t *testing.T, statement string) {
	t.Helper()
	if _, err := db.pool.ExecContext(ctx, statement); err != nil {
		t.Errorf("%s: %v", statement, err)
	}
}

// While somebody writes for long, whoever was let in reads and derives. Only the
// commit waits.
func TestDerivationsDoNotWaitForTheWriter(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		derived := make(chan struct{}, 9)
		service := changing(t, db.DB, instant{})
		token := issued(t, service, core.Locator{Login: "ada"})
		service.Hasher = beside{happens: func() { derived <- struct{}{} }}
		tx, err := db.pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := tx.ExecContext(t.Context(), "UPDATE accounts SET name = name"); err != nil { // and all of SQLite is the writer's
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			_, err := service.Change(t.Context(), changeOf(core.Possession{Token: token}))
			ended <- err
		}()
		for n := range 2 {
			select {
			case <-derived:
			case err := <-ended:
				t.Fatalf("it ended after %d derivations: %v", n, err)
			case <-time.After(5 * time.Second):
				t.Fatalf("derivation %d waits for the writer", n+1)
			}
		}
		select {
		case err := <-ended:
			t.Fatalf("it was committed beside the writer: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
