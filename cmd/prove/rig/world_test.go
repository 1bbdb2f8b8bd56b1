package rig_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"rekey/cmd/prove/rig"
	"rekey/core"
	"rekey/store/pgtest"
)

// built is the rig of this test binary.
var built = sync.OnceValues(func() (*rig.Rig, error) { return rig.New(context.Background()) })

func TestMain(m *testing.M) {
	status := m.Run()
	r, err := built()
	if err == nil {
		err = r.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// world is an installation with a running server, and accounts of Acme.
type world struct {
	*testing.T
	*rig.Installation
	*rig.Directory
	*rig.Server
	client *rig.Client
	ledger *rig.Ledger
}

func newWorld(t *testing.T, o rig.Options, accounts int) *world {
	t.Helper()
	r, err := built()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t}
	if w.Installation, err = r.Install(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.tidy(w.Installation.Close)
	if w.Directory, err = w.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.tidy(w.Directory.Close)
	if w.ledger, err = w.Add(t.Context(), rig.Acme, accounts); err != nil {
		t.Fatal(err)
	}
	w.start()
	return w
}

func (w *world) tidy(do func() error) {
	w.Cleanup(func() {
		if err := do(); err != nil {
			w.Error(err)
		}
	})
}

func (w *world) start() {
	w.Helper()
	server, err := w.Start(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	w.Server, w.client = server, server.Client(rig.Acme)
	w.tidy(server.Kill)
	w.Cleanup(w.client.Close)
}

// change makes one change through a dialect, and enters it.
func (w *world) change(e *rig.Entry, via rig.Via) rig.Answer {
	w.Helper()
	attempt := rig.Attempt{Via: via, Account: e.Account, Current: e.Password(), New: rig.NewPassword()}
	if via == rig.ByToken {
		token, answer := w.client.Link(w.Context(), e.Account)
		e.Issued(token, answer)
		attempt.Token = token
	}
	answer := w.client.Do(w.Context(), attempt)
	for _, violation := range e.Settle([]rig.Attempt{attempt}, []rig.Answer{answer}) {
		w.Error(violation)
	}
	return answer
}

// inspect inspects all accounts.
func (w *world) inspect() rig.Finding {
	w.Helper()
	inspection := rig.Inspection{Directory: w.Directory}
	finding, err := inspection.All(w.Context(), w.ledger)
	if err != nil {
		w.Fatal(err)
	}
	return finding
}

// sound reports everything that the inspection finds.
func (w *world) sound() {
	w.Helper()
	for _, violation := range w.inspect().Violations {
		w.Error(violation)
	}
}

// stores runs the test on each database.
func stores(t *testing.T, test func(t *testing.T, o rig.Options)) {
	t.Run("SQLite", func(t *testing.T) { test(t, rig.Options{}) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, rig.Options{DSN: pgtest.DSN(t)}) })
}

// execute changes the database behind rekey's back. @ stands for the account.
func (w *world) execute(e *rig.Entry, statements ...string) {
	w.Helper()
	for _, statement := range statements {
		_, err := w.SQL.ExecContext(w.Context(), strings.ReplaceAll(statement, "@", "'"+string(e.Account.ID)+"'"))
		if err != nil {
			w.Fatal(errors.Join(errors.New(statement), err))
		}
	}
}

// stored returns the account as it is stored.
func (w *world) stored(e *rig.Entry) core.Account {
	w.Helper()
	account, err := w.Store.Account(w.Context(), e.Account.Tenant, core.Key{Kind: core.KeyID, Value: string(e.Account.ID)})
	if err != nil {
		w.Fatal(err)
	}
	return account
}
