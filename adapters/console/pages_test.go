package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

// holds checks that an answer is a page with all of the texts, and without those that
// begin with an exclamation mark.
func (b *browser) holds(path string, texts ...string) string {
	b.t.Helper()
	got := b.get(path)
	body := got.Body.String()
	if got.Code != http.StatusOK {
		b.t.Fatalf("%s: got %d %s", path, got.Code, body)
	}
	for _, text := range texts {
		absent, negated := strings.CutPrefix(text, "!")
		if negated && strings.Contains(body, absent) || !negated && !strings.Contains(body, text) {
			b.t.Errorf("%s: %q in\n%s", path, text, body)
		}
	}
	return body
}

func TestAccountsAreListedByPages(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	b.holds("/console/accounts", "This tenant has no accounts", "rekey account add", `<a href="/console/accounts" aria-current="page">Accounts</a>`)
	for i := range 51 {
		w.account(core.NewAccount{Username: fmt.Sprintf("user-%02d", i)})
	}
	first := b.holds("/console/accounts", "user-00", "user-49", "!user-50", "!First page")
	_, rest, _ := strings.Cut(first, `href="/console/accounts?cursor=`)
	cursor, _, _ := strings.Cut(rest, `"`)
	b.holds("/console/accounts?cursor="+cursor, "user-50", "!user-49", "First page", "!Next page")
}

func TestAnAccountIsFoundByAnyOfItsIDs(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	ada := w.account(core.NewAccount{Username: "ada", Email: "countess@acme.example", ExternalIDs: map[string]string{"zap": "43af"}})
	w.account(core.NewAccount{Username: "adele"})
	for _, query := range []string{"ada", "ADA", "countess@acme.example", "43af", string(ada.ID)} {
		b.holds("/console/accounts?q="+url.QueryEscape(query), "Called exactly", string(ada.ID), "!adele")
	}
	b.holds("/console/accounts?q=ad", "None is called exactly", ">ada<", ">adele<")
	b.holds("/console/accounts?q=nobody", "No account of this tenant is called “<bdi>nobody</bdi>”")
}

func TestAnAccountIsShownWithItsHistory(t *testing.T) {
	w := newWorld(t)
	password := core.NewPassword("forgotten tomorrow")
	ada := w.account(core.NewAccount{Username: "ada", Name: "Ada", ExternalIDs: map[string]string{"zap": "43af"}, Password: &password})
	path := "/console/accounts/" + string(ada.ID)
	b := w.signedIn()
	b.holds(path, string(ada.ID), "43af", "enabled", "not locked", "no app is enrolled", "account.created", "2026-03-02 12:00:00",
		path+"/disable", path+"/end_sessions", path+"/reset_link", path+"/revoke_links", "!"+path+"/enable", "!"+path+"/unlock")
	for range 25 {
		b.do(path+"/end_sessions", "sessions-ended")
	}
	first := b.holds(path, "account.sessions_ended", "!account.created", `rel="next"`)
	_, rest, _ := strings.Cut(first, `<a href="?cursor=`)
	cursor, _, _ := strings.Cut(rest, `#`)
	b.holds(path+"?cursor="+cursor, "account.created", "First page")
	w.signedIn(without(core.AuditRead)...).holds(path, "need the scope <code>audit:read</code>", "!account.created")
	w.signedIn(core.AccountsRead).holds(path, "!Actions", "!/disable")
}

// do does a deed, and gives the key if it is asked for.
func (b *browser) do(path, notice string) {
	b.t.Helper()
	form := url.Values{}
	if strings.Contains(b.get(path).Body.String(), `name="key"`) {
		form.Set("key", b.key)
	}
	got := b.post(path, form)
	back := path[:strings.LastIndexByte(path, '/')]
	if want := back + "?done=" + notice; got.Code != http.StatusSeeOther || got.Header().Get("Location") != want {
		b.t.Fatalf("%s: got %d %v %s", path, got.Code, got.Header(), got.Body)
	}
}

func TestWhatIsDoneIsDoneAndSaid(t *testing.T) {
	w := newWorld(t)
	ada := w.account(core.NewAccount{Username: "ada"})
	path := "/console/accounts/" + string(ada.ID)
	b := w.signedIn()
	b.holds(path+"/disable", "Disable the account?", "<bdi>ada</bdi>", `name="key"`, `href="`+path+`">Cancel`)
	b.do(path+"/disable", "disabled")
	b.holds(path+"?done=disabled", "The account is disabled.", "disabled</span>", path+"/enable", "!"+path+"/disable")
	b.holds(path+"?done=%3Cb%3E", "!role=\"status\"")
	b.holds(path+"/enable", "!name=\"key\"") // it was given a moment ago
	b.do(path+"/enable", "enabled")
	w.now = w.now.Add(5 * time.Minute)
	b.holds(path+"/enable", `name="key"`)
	b.do(path+"/revoke_links", "revoked")
	events, _, err := w.service.Events(t.Context(), tenant, core.Trail{Account: ada.ID, Newest: true}, 10)
	noError(t, err)
	for i, want := range []core.Action{core.TokensRevoked, core.AccountEnabled, core.AccountDisabled} {
		e := events[i]
		if e.Action != want || e.Origin.Dialect != "console" || e.Origin.Addr.String() != address || e.Origin.RequestID == "" || !strings.HasPrefix(e.Actor, "key:operator-") {
			t.Errorf("got %+v, want %s of the console", e, want)
		}
	}
}

func TestTheTokenIsAnotherOnceTheKeyWasGivenAgain(t *testing.T) {
	w := newWorld(t)
	path := "/console/accounts/" + string(w.account(core.NewAccount{Username: "ada"}).ID)
	b := w.signedIn()
	before := b.cookies["rekey-console"].Value
	b.do(path+"/disable", "disabled")
	if b.cookies["rekey-console"].Value == before {
		t.Error("the token is the same")
	}
}

func TestAResetLinkIsShownOnce(t *testing.T) {
	w := newWorld(t)
	path := "/console/accounts/" + string(w.account(core.NewAccount{Username: "ada"}).ID)
	b := w.signedIn()
	got := b.post(path+"/reset_link", url.Values{"key": {b.key}})
	_, rest, found := strings.Cut(got.Body.String(), `value="https://id.acme.example/reset-password?token=`)
	token, _, _ := strings.Cut(rest, `"`)
	if got.Code != http.StatusOK || !found || len(token) != 43 {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if _, _, err := w.service.InspectToken(t.Context(), tenant, core.NewToken(token)); err != nil {
		t.Errorf("the link is of no use: %v", err)
	}
	issued, _, err := w.service.Events(t.Context(), tenant, core.Trail{Action: core.TokenIssued}, 10)
	if noError(t, err); len(issued) != 1 || issued[0].Origin.RequestID != got.Header().Get("X-Request-Id") {
		t.Errorf("the trail has %+v, want the form's request %s", issued, got.Header().Get("X-Request-Id"))
	}
	for _, page := range []string{path, path + "/reset_link", "/console/audit"} {
		if strings.Contains(b.get(page).Body.String(), token) {
			t.Errorf("%s shows it again", page)
		}
	}
	if strings.Contains(w.log.String(), token) || strings.Contains(w.log.String(), b.key) {
		t.Error("the log has a secret")
	}
	if again := b.post(path+"/reset_link", nil); again.Code != http.StatusOK || strings.Contains(again.Body.String(), token) {
		t.Errorf("once more: got %d", again.Code)
	}
}

func TestADeedThatFailsIsToldInWords(t *testing.T) {
	w := newWorld(t)
	ada := w.account(core.NewAccount{Username: "ada"})
	b := w.signedIn()
	path := "/console/accounts/" + string(ada.ID)
	b.do(path+"/disable", "disabled")
	got := b.post(path+"/reset_link", nil)
	if got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), "The account is disabled") || !strings.Contains(got.Body.String(), "Enable it first.") {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}

func TestTheAuditTrailIsFiltered(t *testing.T) {
	w := newWorld(t)
	ada, bob := w.account(core.NewAccount{Username: "ada"}), w.account(core.NewAccount{Username: "bob"})
	b := w.signedIn()
	b.do("/console/accounts/"+string(ada.ID)+"/disable", "disabled")
	w.now = w.now.Add(time.Minute)
	b.do("/console/accounts/"+string(bob.ID)+"/end_sessions", "sessions-ended")
	const disabled, ended = ">account.disabled</td>", ">account.sessions_ended</td>"
	for query, want := range map[string][]string{
		"":                          {disabled, ended},
		"what=account.disabled":     {disabled, "!" + ended},
		"account=ADA":               {disabled, "!" + ended},
		"account=" + string(bob.ID): {"!" + disabled, ended},
		"dialect=console":           {disabled, ended, "!account.created</td>"},
		"who=root":                  {"!" + disabled, "!" + ended},
		"outcome=done":              {disabled, ended},
		"outcome=throttled":         {"No event is as the filters say"},
		"from=2026-03-02T12:01":     {"!" + disabled, ended},
		"until=2026-03-02T12:01":    {disabled, "!" + ended},
	} {
		b.holds("/console/audit?"+query, want...)
	}
	for _, query := range []string{"from=yesterday", "outcome=good", "cursor=x"} {
		got := b.get("/console/audit?" + query)
		if got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), `id="wrong"`) {
			t.Errorf("%s: got %d %s", query, got.Code, got.Body)
		}
	}
}

// What is rare is looked for in one page after another: each says how far it has
// looked, and goes on by itself where scripts run.
func TestAnEmptyPageSaysHowFarItHasLooked(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	for n := range 5_001 {
		e := core.Event{ID: core.FirstEventID(w.now) + core.EventID(fmt.Sprintf("7001-8000-%012d", n)), At: w.now, Tenant: tenant, Action: core.PasswordRefused}
		noError(t, w.store.Record(t.Context(), e))
	}
	w.tick = 50 * time.Millisecond
	b.holds("/console/audit?outcome=throttled", `No event back to <time datetime="2026-03-02T12:00:00Z">`, ">Look further back</a>", `data-hx-get="/console/audit?cursor=`, `rel="next"`)
	b.holds("/console/audit", "!data-hx-trigger")
	b.holds("/console/audit?outcome=disabled&until=2026-03-02T11:00", "!data-hx-trigger", "No event is as the filters say")
}
