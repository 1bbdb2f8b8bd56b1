package pages_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

func TestABearerChoosesAPassword(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	a := w.get("/reset-password?token=" + token)
	w.wants(a, http.StatusOK, "<h1>Choose a new password</h1>", `<bdi>ada</bdi>`, `name="token" value="`+token+`"`,
		`name="username" value="ada" autocomplete="username"`, `autocomplete="new-password"`, `passwordrules="minlength: 10;`, "At least 10 characters")
	a = w.post("/reset-password", "token", token, "password", fresh, "username", "ada")
	w.wants(a, http.StatusSeeOther)
	if to := a.Header().Get("Location"); to != "/reset-password?state=done" {
		t.Errorf("it leads to %s", to)
	}
	w.wants(w.get(a.Header().Get("Location")), http.StatusOK, "Your password was changed", "signed out on all other devices")
	if !w.opens("ada", fresh) || w.opens("ada", present) {
		t.Error("the password is not the new one")
	}
	if got := w.events(); !slices.Equal(got, []string{"password.changed"}) {
		t.Errorf("events: %q", got)
	}
	w.wants(w.post("/reset-password", "token", token, "password", fresh+"!"), http.StatusGone, "This link was used already", `href="/forgot-password"`)
}

// Mail scanners follow links, more than once and in all ways that change nothing.
func TestWhoeverLooksConsumesNothing(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	for range 50 {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
			w.send(request(method, "/reset-password?token="+token, ""))
			w.send(request(method, "/reset-password/check?token="+token, ""))
			w.send(request(method, "/reset-password?token=wrong", ""))
			w.send(request(method, "/forgot-password?email=ada@acme.example", ""))
		}
	}
	w.post("/reset-password", "token", token) // the language is switched
	if got := w.events(); len(got) > 0 {
		t.Errorf("it left %q", got)
	}
	w.wants(w.post("/reset-password", "token", token, "password", fresh), http.StatusSeeOther)
}

func TestARefusedPasswordIsExplainedBesideItsField(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	for password, want := range map[string]string{
		"":                  "Type a new password.",
		weak:                "This password is too short. Use at least 10 characters",
		"1234567890":        "Many people use this password",
		present:             "You have used this password here before.",
		"\xff" + fresh:      "This password arrived damaged",
		"xada@acme.example": "This is your own name or address.",
	} {
		a := w.post("/reset-password", "token", token, "password", password)
		w.wants(a, http.StatusUnprocessableEntity, want, "<title>Error: Choose a new password", `aria-invalid="true" aria-describedby="password-problem`,
			`id="password-problem"`, `<a href="#password">`, "autofocus", `name="token" value="`+token+`"`)
		if strings.Contains(a.text, `value="`+password) && password != "" {
			t.Errorf("%q is told back", password)
		}
	}
	w.wants(w.post("/reset-password", "token", token, "password", fresh), http.StatusSeeOther)
}

// The second field is there where no script runs.
func TestTheSecondFieldIsJudgedIfItIsThere(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	w.wants(w.get("/reset-password?token="+token), http.StatusOK, "<noscript>")
	for _, repeat := range []string{"", fresh + " "} {
		w.wants(w.post("/reset-password", "token", token, "password", fresh, "repeat", repeat), http.StatusUnprocessableEntity,
			"The two passwords differ", `aria-describedby="repeat-problem"`, `<a href="#repeat">`)
	}
	w.wants(w.post("/reset-password", "token", token, "password", fresh, "repeat", fresh), http.StatusSeeOther)
}

func TestEveryDeadLinkSaysWhyAndTheWayOn(t *testing.T) {
	w := newWorld(t)
	spent, superseded := w.account("ada").Reveal(), w.account("grace").Reveal()
	w.post("/reset-password", "token", spent, "password", fresh)
	expired := w.account("alan").Reveal()
	w.token("grace")
	w.now = w.now.Add(25 * time.Hour)
	for name, c := range map[string]struct {
		token  string
		status int
		title  string
	}{
		"spent":      {spent, http.StatusGone, "This link was used already"},
		"expired":    {expired, http.StatusGone, "This link has expired"},
		"superseded": {superseded, http.StatusGone, "This link is no longer good"},
		"unknown":    {"r3set", http.StatusNotFound, "This link does not work"},
		"none":       {"", http.StatusNotFound, "This link does not work"},
		"long":       {strings.Repeat("x", 5000), http.StatusNotFound, "This link does not work"},
	} {
		t.Run(name, func(*testing.T) {
			w.wants(w.get("/reset-password?token="+c.token), c.status, "<h1>"+c.title, `href="/forgot-password"`)
			w.wants(w.post("/reset-password", "token", c.token, "password", fresh+"!"), c.status, "<h1>"+c.title, `href="/forgot-password"`)
		})
	}
}

// Who reads the first and who reads the last would not mean the same.
func TestALinkWithTwoTokensHasNone(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	for _, query := range []string{"token=" + token + "&token=x", "token=x&token=" + token} {
		w.wants(w.get("/reset-password?"+query), http.StatusNotFound, "<h1>This link does not work")
	}
}

func TestADisabledOwnerIsSentToHelp(t *testing.T) {
	w := newWorld(t)
	w.cfg.Help = "mailto:help@acme.example"
	w.account("ada")
	account, err := core.New(w.parts).SetDisabled(t.Context(), acme, core.Locator{Login: "ada"}, true, "test", core.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	event := core.Event{ID: "planted", At: w.now, Tenant: acme, Account: account.ID, Action: core.TokenIssued}
	planted := core.ResetToken{Digest: core.NewToken("planted").Digest(), Tenant: acme, Account: account.ID, ExpiresAt: w.now.Add(time.Hour)}
	if err := w.kept.CreateToken(t.Context(), planted, event); err != nil {
		t.Fatal(err)
	}
	for _, a := range []answer{w.get("/reset-password?token=planted"), w.post("/reset-password", "token", "planted", "password", fresh)} {
		w.wants(a, http.StatusForbidden, "This account is disabled", `href="mailto:help@acme.example"`)
		if strings.Contains(a.text, "/forgot-password") {
			t.Error("a new link is offered that would not help")
		}
	}
}

func TestANameIsNoMarkup(t *testing.T) {
	w := newWorld(t)
	name := `ada"><script>alert(1)</script>&amp;'`
	token := w.account(name).Reveal()
	a := w.get("/reset-password?token=" + token)
	w.wants(a, http.StatusOK, "&lt;script&gt;")
	if strings.Contains(a.text, "<script>alert") || strings.Contains(a.text, `ada">`) {
		t.Errorf("the name is markup: %s", a.text)
	}
}
