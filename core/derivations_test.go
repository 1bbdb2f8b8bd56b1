package core_test

import (
	"testing"

	"rekey/core"
	"rekey/core/passhash"
)

// Derivations are what an attempt costs; each is slow on purpose.
func TestAnAttemptCostsAFixedNumberOfDerivations(t *testing.T) {
	token := func(w *world) core.Proof { return core.Possession{Token: w.token()} }
	alone := func(*world) core.Proof { return core.Authority{Admin: admin, Account: ada} }
	known := func(*world) core.Proof { return knows(password(3)) }
	dead := func(w *world) core.Proof {
		proof := token(w)
		w.token()
		return proof
	}
	nobody := core.Locator{Login: "nobody"}
	for name, c := range map[string]struct {
		history int
		proof   func(*world) core.Proof
		new     string
		want    core.Code
		n       int
	}{
		"knowledge: verify, history, hash":     {5, known, fresh, "", 3},
		"knowledge, whatever the history":      {24, known, fresh, "", 3},
		"knowledge, history of one":            {1, known, fresh, "", 3},
		"knowledge without history":            {0, known, fresh, "", 2},
		"administrator with the password":      {5, func(*world) core.Proof { return governs(password(3)) }, fresh, "", 3},
		"reset: history, hash":                 {5, token, fresh, "", 2},
		"reset without history":                {0, token, fresh, "", 1},
		"administrator alone":                  {5, alone, fresh, "", 2},
		"wrong password":                       {5, func(*world) core.Proof { return knows(wrong) }, fresh, core.WrongPassword, 1},
		"missing account":                      {5, func(*world) core.Proof { return core.Knowledge{Account: nobody} }, fresh, core.NotFound, 1},
		"administrator, wrong password":        {5, func(*world) core.Proof { return governs(wrong) }, fresh, core.WrongPassword, 1},
		"administrator, missing account":       {5, func(*world) core.Proof { return core.Authority{Account: nobody, Current: &core.Password{}} }, fresh, core.NotFound, 1},
		"administrator alone, missing account": {5, func(*world) core.Proof { return core.Authority{Account: nobody} }, fresh, core.NotFound, 0},
		"weak, after the password":             {5, known, "weak", core.WeakPassword, 1},
		"weak, after a token":                  {5, token, "weak", core.WeakPassword, 0},
		"weak, with a dead token":              {5, dead, "weak", core.BadToken, 0},
		"dead token":                           {5, dead, fresh, core.BadToken, 0},
		"unknown token":                        {5, func(*world) core.Proof { return core.Possession{Token: core.NewToken("x")} }, fresh, core.BadToken, 0},
		"the present password in hand":         {5, known, password(3), core.ReusedPassword, 1},
		"an older password":                    {5, known, password(1), core.ReusedPassword, 2},
		"an older password, reset":             {5, token, password(1), core.ReusedPassword, 1},
		"the present password, reset":          {5, token, password(3), core.ReusedPassword, 1},
	} {
		w := newWorld(t)
		w.History = c.history
		w.account(passwords(3)...)
		proof := c.proof(w)
		if n := w.hasher.count(func() { code(t, w.change(proof, c.new), c.want, name) }); n != c.n {
			t.Errorf("%s: got %d derivations, want %d", name, n, c.n)
		}
	}
}

// An imported account has a verifier of another scheme and no history.
func TestAnImportedPasswordIsVerifiedAndNotChosenAgain(t *testing.T) {
	for name, c := range map[string]struct {
		proof func(*world) core.Proof
		new   string
		want  core.Code
		n     int
	}{
		"knowledge":             {func(*world) core.Proof { return knows(correct) }, fresh, "", 3},
		"knowledge, the same":   {func(*world) core.Proof { return knows(correct) }, correct, core.ReusedPassword, 1},
		"knowledge, wrong":      {func(*world) core.Proof { return knows(wrong) }, fresh, core.WrongPassword, 1},
		"reset":                 {func(w *world) core.Proof { return core.Possession{Token: w.token()} }, fresh, "", 3},
		"reset, the same":       {func(w *world) core.Proof { return core.Possession{Token: w.token()} }, correct, core.ReusedPassword, 2},
		"administrator":         {func(*world) core.Proof { return core.Authority{Account: ada} }, fresh, "", 3},
		"administrator, reused": {func(*world) core.Proof { return core.Authority{Account: ada} }, correct, core.ReusedPassword, 2},
	} {
		w := newWorld(t)
		w.importAda(correct)
		proof := c.proof(w)
		if n := w.hasher.count(func() { code(t, w.change(proof, c.new), c.want, name) }); n != c.n {
			t.Errorf("%s: got %d derivations, want %d", name, n, c.n)
		}
		if c.want != "" {
			continue
		}
		if account := w.read(acme, ada); len(account.History) != 1 || len(account.HistorySalt) != 16 {
			t.Errorf("%s: got %d entries and %d bytes of salt", name, len(account.History), len(account.HistorySalt))
		}
		code(t, w.change(core.Authority{Account: ada}, fresh), core.ReusedPassword, name, "now it has a history")
	}
}

// importAda stores ada with a bcrypt verifier, as an import does.
func (w *world) importAda(current string) {
	w.t.Helper()
	config := passhash.ForTests()
	config.Scheme = passhash.Bcrypt
	verifier, err := newPool(w.t, config, w.random).Hash(w.t.Context(), core.NewPassword(current))
	if err != nil {
		w.t.Fatal(err)
	}
	account := core.Account{ID: "imported-1", Tenant: acme, Username: "ada", Verifier: verifier, Revision: 1, CreatedAt: noon, PasswordChangedAt: noon}
	event := core.Event{ID: "import", At: noon, Tenant: acme, Account: account.ID, Action: core.AccountCreated}
	if err := w.store.CreateAccount(w.t.Context(), account, event); err != nil {
		w.t.Fatal(err)
	}
}

func TestABrokenVerifierIsNotAWrongPassword(t *testing.T) {
	w := newWorld(t)
	account := core.Account{ID: "broken", Tenant: acme, Username: "ada", Verifier: "$nonsense$", Revision: 1}
	if err := w.store.CreateAccount(t.Context(), account, core.Event{ID: "import", Tenant: acme}); err != nil {
		t.Fatal(err)
	}
	before := w.state()
	for name, proof := range w.proofs(correct) {
		code(t, w.change(proof, fresh), core.Internal, name)
	}
	w.unchanged(state{Accounts: before.Accounts, Tokens: w.state().Tokens})
}
