package rig

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"rekey/core"
	"rekey/store"
)

// Dev is a rekey dev that runs, with a database that others may open.
type Dev struct {
	Facts json.RawMessage // what it told of itself
	DSN   string

	*child
}

// Dev starts rekey dev with these settings, by their dotted keys, laid over
// what it sets up, and waits until it answers.
func (r *Rig) Dev(ctx context.Context, settings map[string]any) (*Dev, error) {
	dir, err := os.MkdirTemp(r.Dir, "dev-")
	if err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(nested(settings))
	if err != nil {
		return nil, err
	}
	file, facts, dsn := filepath.Join(dir, "dev.yaml"), filepath.Join(dir, "facts.json"), "sqlite:"+filepath.Join(dir, "rekey.db")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	c, err := launch(r.Binary, dir, nil, "dev", "--addr", "127.0.0.1:0", "--dsn", dsn, "--config", file, "--facts", facts)
	if err != nil {
		return nil, err
	}
	d := &Dev{DSN: dsn, child: c}
	if d.Facts, err = d.await(ctx, facts); err != nil {
		return nil, errors.Join(err, c.Kill())
	}
	return d, nil
}

// await waits until the facts are told: then it answers.
func (d *Dev) await(ctx context.Context, facts string) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	for {
		text, err := os.ReadFile(facts) //nolint:gosec // in our folder
		if err == nil {
			return text, nil
		}
		select {
		case <-d.ended:
			return nil, fmt.Errorf("dev ended before it answered: %w: %s", d.end, d.Tail())
		case <-ctx.Done():
			return nil, fmt.Errorf("dev does not answer: %w: %s", ctx.Err(), d.Tail())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TokenOf issues a reset token as it would have been at another time.
func (d *Dev) TokenOf(ctx context.Context, tenant core.TenantID, account core.AccountID, at time.Time) (token core.Token, err error) {
	err = d.beside(ctx, at, func(passwords *core.Service) error {
		token, _, err = passwords.IssueToken(ctx, tenant, core.Locator{ID: account}, "rig", byRig)
		return err
	})
	return token, err
}

// Key makes a management key of the tenant that may do this and nothing else.
func (d *Dev) Key(ctx context.Context, tenant core.TenantID, scopes ...core.Scope) (key core.Secret, err error) {
	err = d.beside(ctx, time.Now(), func(passwords *core.Service) error {
		key, _, err = passwords.AddAccessKey(ctx, core.NewAccessKey{Tenant: tenant, Name: "k" + strings.ToLower(rand.Text()[:10]), Scopes: scopes}, "rig", byRig)
		return err
	})
	return key, err
}

// beside does something in the database beside the server, at some time.
func (d *Dev) beside(ctx context.Context, at time.Time, do func(*core.Service) error) (err error) {
	db, err := store.Open(ctx, store.Options{DSN: d.DSN})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(core.New(core.Parts{
		Store: db, AccessKeys: db, TokenTTL: time.Hour, Now: func() time.Time { return at }, Random: rand.Reader,
	}))
}

// Remember puts samples of another replica into the database.
func (d *Dev) Remember(ctx context.Context, samples []core.Sample) (err error) {
	db, err := store.Open(ctx, store.Options{DSN: d.DSN})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.PutSamples(ctx, samples)
}
