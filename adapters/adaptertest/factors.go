package adaptertest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/seal"
)

func newSealer(t *testing.T) core.Sealer {
	ring, err := seal.New("k1", map[string][]byte{"k1": bytes.Repeat([]byte("k"), seal.KeySize)}, &counter{})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// factor enrols a factor with the secret.
func (w *world) factor(name string, options map[string]string) error {
	id, err := w.named(name)
	if err != nil {
		return err
	}
	_, _, err = w.throwing([]byte(options["secret"]), 0).EnrolFactor(
		context.Background(), w.tenants[id], core.Locator{ID: id}, "operator", core.Origin{})
	return err
}

// attempts lets n attempts fail, for one account or from one client.
func (w *world) attempts(n string) error {
	free, err := strconv.Atoi(n)
	const delay = 30 * time.Second
	w.parts.Attempts = w.parts.Store.(core.Attempts)
	w.parts.Rules = core.AttemptRules{
		PerClient: core.Pace{Free: free, First: delay, Most: delay}, PerAccount: core.Pace{Free: core.MaxStop, First: delay, Most: delay},
		Stop: core.MaxStop, Client: core.Limit{Every: delay, Burst: free},
	}
	return err
}

// code issues the code.
func (w *world) code(digits string, options map[string]string) error {
	id, err := w.named(options["for"])
	if err != nil {
		return err
	}
	age, err := time.ParseDuration("0" + options["age"])
	if err != nil {
		return err
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return err
	}
	code, _, err := w.throwing(binary.BigEndian.AppendUint64(nil, number), age).IssueCode(
		context.Background(), core.Message{Tenant: w.tenants[id], Account: id})
	if err == nil && code.Reveal() != digits {
		err = fmt.Errorf("issued %s", code.Reveal())
	}
	return err
}

// throwing returns the service as it was some time ago, whose dice throw first
// what is given.
func (w *world) throwing(first []byte, ago time.Duration) *core.Service {
	parts := w.parts
	parts.Random = io.MultiReader(bytes.NewReader(first), w.parts.Random)
	parts.Now = func() time.Time { return Now.Add(-ago) }
	return core.New(parts)
}

// mail says whether mail is configured, and how often an address may have it.
func (w *world) mail(how string) (err error) {
	if how == "none" {
		w.parts.Outbox = nil
		return nil
	}
	w.limits.PerAddress.Burst = 1
	w.limits.PerAddress.Every, err = time.ParseDuration(strings.TrimPrefix(how, "every="))
	return err
}

func (w *world) named(name string) (core.AccountID, error) {
	for id, called := range w.names {
		if called == name {
			return id, nil
		}
	}
	return "", fmt.Errorf("no account %q", name)
}
