package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"

	"rekey/adapters/zap"
	"rekey/cmd/rekey/bench"
	"rekey/config"
	"rekey/config/secret"
	"rekey/core"
)

// open opens the database beside the server.
func (f *benchFlags) open(ctx context.Context) (*installation, error) {
	cfg, err := loadConfig(devConfig(newDevKeys(), "127.0.0.1:0", f.dsn), f.file)
	if err != nil {
		return nil, err
	}
	cfg.Store.DSN, cfg.Log.Level = secret.New(f.dsn), "error"
	i, err := install(ctx, cfg, os.Stderr)
	if err == nil {
		f.measureBy(cfg, i)
	}
	return i, err
}

// measureBy says what a derivation is, and how many a change takes at least.
func (f *benchFlags) measureBy(cfg config.Config, i *installation) {
	f.setup.Workers = cfg.Passwords.Hash.Workers
	if f.setup.Workers == 0 {
		f.setup.Workers = runtime.GOMAXPROCS(0)
	}
	password := core.NewPassword(bench.NewPassword())
	f.setup.Derive = func(ctx context.Context) error {
		_, err := i.passwords.Hasher.Hash(ctx, password)
		return err
	}
	f.setup.Derivations = 1
	if f.setup.Dialect != "unleash" {
		f.setup.Derivations++
	}
	if cfg.Passwords.History > 0 {
		f.setup.Derivations++
	}
	f.setup.Token = func(ctx context.Context, a *bench.Account) (string, error) {
		token, _, err := i.passwords.IssueToken(ctx, devTenant, core.Locator{ID: a.ID}, "bench", byOperator)
		return token.Reveal(), err
	}
}

// addAccounts adds accounts that all have the password, the hash and the
// history of one that was really made.
func (f *benchFlags) addAccounts(ctx context.Context, i *installation) ([]*bench.Account, error) {
	n := f.setup.Clients
	if f.setup.Dialect == "unleash" {
		n *= 4 // each is issued its next token while others change
	}
	f.setup.Progress("adding %d accounts", n)
	first := bench.NewPassword()
	password := core.NewPassword(first)
	model, err := i.passwords.CreateAccount(ctx, core.NewAccount{Tenant: devTenant, Username: benchName(), Password: &password}, byOperator)
	if err != nil {
		return nil, err
	}
	if err := f.fill(ctx, i, model); err != nil {
		return nil, err
	}
	accounts := make([]*bench.Account, n)
	for k := range accounts {
		name, id := benchName(), make([]byte, 12)
		_, _ = rand.Read(id)
		a := &bench.Account{ID: core.AccountID(name), Email: name + "@acme.example", UserID: hex.EncodeToString(id), Password: first}
		stored := model
		stored.ID, stored.Username, stored.Email, stored.ExternalIDs = a.ID, "", a.Email, map[string]string{zap.ExternalID: a.UserID}
		event := core.Event{ID: core.EventID(name), At: model.CreatedAt, Tenant: devTenant, Account: a.ID, Action: core.AccountCreated, Origin: byOperator}
		if err := i.db.CreateAccount(ctx, stored, event); err != nil {
			return nil, err
		}
		accounts[k] = a
	}
	f.restBy(i, model, accounts)
	return accounts, nil
}

func benchName() string { return "bench-" + fmt.Sprintf("%x", rand.Text()) }
