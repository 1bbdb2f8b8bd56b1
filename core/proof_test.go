package core_test

import (
	"testing"

	"rekey/core"
)

func TestKnowledgeNeedsThePresentPassword(t *testing.T) {
	w := newWorld(t)
	w.account("an older passphrase", correct)
	for _, current := range []string{"", " ", wrong, correct + " ", "Correct horse battery staple", "an older passphrase", "\x00", "\xff", correct + "\x00"} {
		code(t, w.change(knows(current), fresh), core.WrongPassword, current)
		code(t, w.change(governs(current), fresh), core.WrongPassword, current)
	}
	code(t, w.change(knows(correct), fresh), "")
	code(t, w.change(knows(correct), "another new passphrase"), core.WrongPassword)
	code(t, w.change(governs(fresh), "another new passphrase"), "")
}

func TestAnAccountWithoutAPasswordHasNoneToKnow(t *testing.T) {
	w := newWorld(t)
	w.account()
	for _, current := range []string{"", correct} {
		code(t, w.change(knows(current), fresh), core.WrongPassword, current)
		code(t, w.change(governs(current), fresh), core.WrongPassword, current)
	}
	code(t, w.change(core.Possession{Token: w.token()}, fresh), "")
	if !w.has(fresh) {
		t.Error("a reset token did not give the first password")
	}
}

// The empty password is a wrong one: only nil means that none was asked for.
func TestAuthorityAloneNeedsNoPassword(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	empty := core.Password{}
	code(t, w.change(core.Authority{Admin: admin, Account: ada, Current: &empty}, fresh), core.WrongPassword)
	code(t, w.change(core.Authority{Admin: admin, Account: ada}, fresh), "")
	code(t, w.change(core.Authority{Admin: admin, Account: core.Locator{Login: "nobody"}}, fresh), core.NotFound)
}

func TestFactorRules(t *testing.T) {
	sent := &core.OneTimeCode{Secret: core.NewSecret("123456")}
	for _, c := range []struct {
		factor core.Factor
		want   core.Code
	}{
		{core.Factor{}, ""},
		{core.Factor{Code: sent}, ""},
		{core.Factor{Rule: core.FactorOff}, ""},
		{core.Factor{Rule: core.FactorOff, Code: sent}, ""},
		{core.Factor{Rule: core.FactorEnrolled}, ""},
		{core.Factor{Rule: core.FactorEnrolled, Code: sent}, ""},
		{core.Factor{Rule: core.FactorRequired}, core.WrongFactor},
		{core.Factor{Rule: core.FactorRequired, Code: sent}, core.WrongFactor},
	} {
		for name, current := range map[string]*core.Password{"alone": nil, "with the password": ptr(core.NewPassword(correct))} {
			w := newWorld(t)
			w.account(correct)
			proof := core.Authority{Admin: admin, Account: ada, Current: current, Factor: c.factor}
			code(t, w.change(proof, fresh), c.want, name, c.factor)
			if w.has(fresh) != (c.want == "") {
				t.Errorf("%s, %v: the password is changed: %v", name, c.factor.Rule, w.has(fresh))
			}
		}
	}
	w := newWorld(t)
	w.account(correct)
	proof := governs(wrong)
	proof.Factor.Rule = core.FactorRequired
	code(t, w.change(proof, fresh), core.WrongPassword, "the password comes before the factor")
}

func TestADisabledAccountCannotBeChanged(t *testing.T) {
	w := newWorld(t)
	w.account(correct)
	token := w.token()
	w.disable(true)
	for name, c := range map[string]struct {
		proof core.Proof
		want  core.Code
	}{
		"knowledge":       {knows(correct), core.Disabled},
		"wrong knowledge": {knows(wrong), core.WrongPassword},
		"authority":       {governs(correct), core.Disabled},
		"authority alone": {core.Authority{Admin: admin, Account: ada}, core.Disabled},
		"its older token": {core.Possession{Token: token}, core.BadToken},
		"a live token":    {core.Possession{Token: w.plant(core.ResetToken{})}, core.Disabled},
	} {
		code(t, w.change(c.proof, fresh), c.want, name)
	}
	w.disable(false)
	code(t, w.change(core.Possession{Token: token}, fresh), core.BadToken, "enabling revives no token")
	code(t, w.change(knows(correct), fresh), "")
}

func TestAReceiptSaysWhenSessionsEnd(t *testing.T) {
	w := newWorld(t)
	created := w.account(correct)
	if !created.TokensValidAfter.Equal(noon) || !created.PasswordChangedAt.Equal(noon) {
		t.Errorf("a new account has sessions from %v, password of %v", created.TokensValidAfter, created.PasswordChangedAt)
	}
	w.now = noon.Add(90 * 1_000_000_123)
	receipt, err := w.Change(t.Context(), core.Change{Tenant: acme, Proof: knows(correct), New: core.NewPassword(fresh)})
	if err != nil {
		t.Fatal(err)
	}
	account := w.read(acme, ada)
	if receipt.Tenant != acme || receipt.Account != account.ID || !receipt.ChangedAt.Equal(account.TokensValidAfter) ||
		!receipt.ChangedAt.Equal(account.PasswordChangedAt) || receipt.ChangedAt.Nanosecond()%1000 != 0 || w.now.Sub(receipt.ChangedAt) > 1000 {
		t.Errorf("at %v got receipt %+v and account %+v", w.now, receipt, account)
	}
	w.now = w.now.Add(1_000_000_000)
	w.disable(true)
	if got := w.read(acme, ada).TokensValidAfter; !got.Equal(w.now.Truncate(1000)) {
		t.Errorf("disabling at %v ends sessions from before %v", w.now, got)
	}
}
