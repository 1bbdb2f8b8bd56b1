package core_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"

	"rekey/core"
	"rekey/core/seal"
	"rekey/store/memory"
)

// factorWorld is a world whose accounts may have one-time codes.
type factorWorld struct {
	*world
	kept    *memory.Store
	factors *meddlingFactors
}

func newFactorWorld(t tb) *factorWorld {
	t.Helper()
	w := &factorWorld{world: newWorld(t), kept: memory.New()}
	w.factors = &meddlingFactors{Factors: w.kept}
	w.store.Store = w.kept
	w.Outbox, w.Throttle, w.Factors = w.kept, w.kept, w.factors
	w.Sealer = w.ring("k1", "k1")
	return w
}

// ring returns a sealer with the keys, whose names say what they are.
func (w *factorWorld) ring(active string, ids ...string) *seal.Ring {
	w.t.Helper()
	keys := map[string][]byte{}
	for _, id := range ids {
		keys[id] = bytes.Repeat([]byte(id), seal.KeySize/len(id))
	}
	r, err := seal.New(active, keys, w.random)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// enrol enrols a factor for ada and returns its secret.
func (w *factorWorld) enrol() []byte {
	w.t.Helper()
	text, _, err := w.EnrolFactor(w.t.Context(), acme, ada, "operator", origin)
	if err != nil {
		w.t.Fatal(err)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text.Reveal())
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

// plantFactor gives ada a factor with this very secret.
func (w *factorWorld) plantFactor(secret []byte) {
	w.t.Helper()
	a := w.read(acme, ada)
	sealed, err := w.Sealer.Seal(secret, "totp/"+string(a.Tenant)+"/"+string(a.ID))
	if err == nil {
		err = w.kept.Enrol(w.t.Context(), acme, a.ID, core.Enrolment{Sealed: sealed}, core.Event{ID: core.EventID("planted"), Tenant: acme})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// mailed issues a code for the account.
func (w *factorWorld) mailed(l core.Locator) string {
	w.t.Helper()
	code, _, err := w.IssueCode(w.t.Context(), core.Message{Tenant: acme, Account: w.read(acme, l).ID, Topic: core.MailOneTimeCode})
	if err != nil {
		w.t.Fatal(err)
	}
	return code.Reveal()
}

// stored returns the code that the store keeps for an account.
func (w *factorWorld) stored(id core.AccountID) core.MailedCode {
	w.t.Helper()
	code, err := w.kept.TryCode(w.t.Context(), acme, id, "password_change", w.now, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

// attempt changes ada's password by her password and the code.
func (w *factorWorld) attempt(rule core.FactorRule, code, password string) error {
	w.t.Helper()
	return w.change(withCode(governs(correct), rule, code), password)
}

// withCode adds a code to the proof: none if it is "-".
func withCode(proof core.Authority, rule core.FactorRule, code string) core.Authority {
	proof.Factor.Rule = rule
	if code != "-" {
		proof.Factor.Code = &core.OneTimeCode{Secret: core.NewSecret(code)}
	}
	return proof
}

// appCode returns what an app shows: RFC 4226, section 5.4, written down again.
func appCode(secret []byte, at time.Time) string {
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(at.Unix()/30))
	mac := hmac.New(sha1.New, secret)
	mac.Write(step[:])
	h := mac.Sum(nil)
	o := h[19] & 15
	n := (int(h[o])&127)<<24 | int(h[o+1])<<16 | int(h[o+2])<<8 | int(h[o+3])
	return fmt.Sprintf("%06d", n%1000000)
}

// wrongCode returns a code of the same length that differs in its last digit.
func wrongCode(code string) string {
	return code[:len(code)-1] + string('0'+(code[len(code)-1]-'0'+1)%10)
}

// meddlingFactors lets a test act before each call; tried counts TryCode.
type meddlingFactors struct {
	core.Factors
	before func(verb string) error
	tried  int
}

func (f *meddlingFactors) step(verb string) error {
	if f.before == nil {
		return nil
	}
	return f.before(verb)
}

func (f *meddlingFactors) Enrol(ctx context.Context, tenant core.TenantID, id core.AccountID, factor core.Enrolment, e core.Event) error {
	if err := f.step("Enrol"); err != nil {
		return err
	}
	return f.Factors.Enrol(ctx, tenant, id, factor, e)
}

func (f *meddlingFactors) PutCode(ctx context.Context, code core.MailedCode, e core.Event) error {
	if err := f.step("PutCode"); err != nil {
		return err
	}
	return f.Factors.PutCode(ctx, code, e)
}

func (f *meddlingFactors) TryCode(
	ctx context.Context, tenant core.TenantID, id core.AccountID, purpose string, now time.Time, maxTries int,
) (core.MailedCode, error) {
	f.tried++
	if err := f.step("TryCode"); err != nil {
		return core.MailedCode{}, err
	}
	return f.Factors.TryCode(ctx, tenant, id, purpose, now, maxTries)
}
