package core_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rekey/core"
)

// machine is a world and a model of it, small enough to be seen to be right.
type machine struct {
	*world
	people []*person
	events int
}

// person is what the model knows of an account.
type person struct {
	tenant   core.TenantID
	login    string
	created  bool
	disabled bool
	password string   // "" if none
	past     []string // newest first, the present one included
	tokens   []*held
}

// held is a reset token in somebody's hands.
type held struct {
	core.Token
	expires    time.Time
	used, dead bool
}

const remembered = 3 // passwords

func TestServiceAgreesWithItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{world: newWorld(t), people: []*person{
			{tenant: acme, login: "ada"}, {tenant: acme, login: "grace"}, {tenant: other, login: "ada"},
		}}
		m.History = remembered
		t.Repeat(map[string]func(*rapid.T){
			"":          m.agree,
			"create":    m.createOne,
			"know":      m.know,
			"possess":   m.possess,
			"possess 2": m.possess,
			"govern":    m.govern,
			"issue":     m.issue,
			"revoke":    m.revoke,
			"disable":   m.stand,
			"time":      m.wait,
		})
	})
}

// agree fails the test where world and model differ.
func (m *machine) agree(t *rapid.T) {
	if n := len(m.state().Events); n != m.events {
		t.Fatalf("got %d events, want %d", n, m.events)
	}
	for _, p := range m.people {
		if !p.created {
			continue
		}
		account := m.read(p.tenant, core.Locator{Login: p.login})
		if account.Disabled != p.disabled || account.Verifier == "" != (p.password == "") || len(account.History) != len(p.past) {
			t.Fatalf("%+v: got account %+v", p, account)
		}
		for _, guess := range []string{p.password, drawPassword(t, "guess"), ""} {
			ok, err := m.hasher.Hasher.Verify(t.Context(), core.NewPassword(guess), account.Verifier)
			if err != nil || ok != (guess != "" && guess == p.password) {
				t.Fatalf("%+v: verifying %q gives %v, %v", p, guess, ok, err)
			}
		}
		for _, token := range p.tokens {
			_, _, err := m.InspectToken(t.Context(), "", token.Token)
			code(t, err, p.standing(token, m.now), "inspect a token")
		}
	}
}

// standing returns what redeeming the token meets before the policy.
func (p *person) standing(token *held, now time.Time) core.Code {
	switch {
	case token.used:
		return core.UsedToken
	case token.dead || !now.Before(token.expires):
		return core.BadToken
	case p.disabled:
		return core.Disabled
	}
	return ""
}

// judge returns what a new password meets once the proof holds.
func (p *person) judge(password string) core.Code {
	switch {
	case p.disabled:
		return core.Disabled
	case password == "weak":
		return core.WeakPassword
	case slices.Contains(p.past, password):
		return core.ReusedPassword
	}
	return ""
}

// change runs a change and follows it in the model if it is to succeed.
func (m *machine) change(t *rapid.T, p *person, proof core.Proof, password string, want core.Code) {
	change := core.Change{Tenant: p.tenant, Proof: proof, New: core.NewPassword(password), Origin: origin}
	_, err := m.Change(t.Context(), change)
	m.events++
	code(t, err, want, "change by", proof.Kind())
	if want != "" {
		return
	}
	p.password = password
	p.past = append([]string{password}, p.past[:min(len(p.past), remembered-1)]...)
	p.end()
}

// end kills the tokens that are not used.
func (p *person) end() {
	for _, token := range p.tokens {
		token.dead = true
	}
}

func (m *machine) createOne(t *rapid.T) {
	p := m.draw(t)
	n := core.NewAccount{Tenant: p.tenant, Username: p.login, Password: ptr(core.NewPassword(drawPassword(t, "first")))}
	if rapid.Bool().Draw(t, "without password") {
		n.Password = nil
	}
	_, err := m.CreateAccount(t.Context(), n, origin)
	switch {
	case n.Password != nil && n.Password.Reveal() == "weak":
		code(t, err, core.WeakPassword, "create")
		return
	case p.created:
		code(t, err, core.Conflict, "create")
		return
	}
	code(t, err, "", "create")
	m.events++
	if p.created = true; n.Password != nil {
		p.password, p.past = n.Password.Reveal(), []string{n.Password.Reveal()}
	}
}

func (m *machine) know(t *rapid.T) {
	p := m.draw(t)
	current := rapid.SampledFrom([]string{p.password, p.password, drawPassword(t, "current"), ""}).Draw(t, "knows")
	password := drawPassword(t, "new")
	want := p.judge(password)
	switch {
	case !p.created:
		want = core.NotFound
	case p.password == "" || current != p.password:
		want = core.WrongPassword
	}
	l, c := core.Locator{Login: p.login}, core.NewPassword(current)
	if rapid.Bool().Draw(t, "for an administrator") {
		m.change(t, p, core.Authority{Admin: admin, Account: l, Current: &c}, password, want)
		return
	}
	m.change(t, p, core.Knowledge{Account: l, Current: c}, password, want)
}

func (m *machine) govern(t *rapid.T) {
	p := m.draw(t)
	password := drawPassword(t, "new")
	want := p.judge(password)
	if !p.created {
		want = core.NotFound
	}
	m.change(t, p, core.Authority{Admin: admin, Account: core.Locator{Login: p.login}}, password, want)
}

func (m *machine) possess(t *rapid.T) {
	p := m.draw(t)
	if len(p.tokens) == 0 {
		t.Skip("holds no token")
	}
	token := p.tokens[len(p.tokens)-1]
	if rapid.Bool().Draw(t, "any") {
		token = rapid.SampledFrom(p.tokens).Draw(t, "token")
	}
	password := drawPassword(t, "new")
	want := p.standing(token, m.now)
	if want == "" {
		want = p.judge(password)
	}
	m.change(t, p, core.Possession{Token: token.Token}, password, want)
	token.used = token.used || want == ""
}

func (m *machine) issue(t *rapid.T) {
	p := m.draw(t)
	token, known, err := m.IssueToken(t.Context(), p.tenant, core.Locator{Login: p.login}, "", origin)
	code(t, err, pick(!p.created, core.NotFound, pick[core.Code](p.disabled, core.Disabled, "")), "issue")
	if err == nil {
		m.events++
		p.end()
		p.tokens = append(p.tokens, &held{Token: token, expires: known.ExpiresAt})
	}
}

func (m *machine) revoke(t *rapid.T) {
	p := m.draw(t)
	live := 0
	for _, token := range p.tokens {
		if !token.used && !token.dead && m.now.Before(token.expires) {
			live++
		}
	}
	n, err := m.RevokeTokens(t.Context(), p.tenant, core.Locator{Login: p.login}, "", origin)
	if code(t, err, pick[core.Code](p.created, "", core.NotFound), "revoke"); err == nil {
		m.events++
		p.end()
	}
	if n != live {
		t.Fatalf("revoked %d, want %d", n, live)
	}
}

func (m *machine) stand(t *rapid.T) {
	p := m.draw(t)
	disabled := rapid.Bool().Draw(t, "disabled")
	_, err := m.SetDisabled(t.Context(), p.tenant, core.Locator{Login: p.login}, disabled, "", origin)
	if code(t, err, pick[core.Code](p.created, "", core.NotFound), "stand"); err != nil {
		return
	}
	m.events++
	if p.disabled = disabled; disabled {
		p.end()
	}
}

func (m *machine) wait(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.SampledFrom([]int{1, 60, 12 * 60, 24 * 60}).Draw(t, "minutes")) * time.Minute)
}

func (m *machine) draw(t *rapid.T) *person {
	return m.people[rapid.IntRange(0, len(m.people)-1).Draw(t, "who")]
}

func drawPassword(t *rapid.T, label string) string {
	return rapid.SampledFrom(append(passwords(remembered+2), "weak")).Draw(t, label)
}
