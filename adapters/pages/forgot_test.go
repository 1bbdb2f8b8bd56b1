package pages_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/store/memory"
)

// watched is the store in memory, which tells what was asked of it.
type watched struct {
	*memory.Store
	asked []string
}

func (s *watched) Find(ctx context.Context, tenant core.TenantID, key core.Key) (core.AccountID, error) {
	s.asked = append(s.asked, "find")
	return s.Store.Find(ctx, tenant, key)
}

func (s *watched) Account(ctx context.Context, tenant core.TenantID, key core.Key) (core.Account, error) {
	s.asked = append(s.asked, "account")
	return s.Store.Account(ctx, tenant, key)
}

func (s *watched) Take(ctx context.Context, now time.Time, limits ...core.Limit) (time.Duration, error) {
	s.asked = append(s.asked, fmt.Sprintf("take %d", len(limits)))
	return s.Store.Take(ctx, now, limits...)
}

func (s *watched) Enqueue(ctx context.Context, e core.Event, messages ...core.Message) error {
	s.asked = append(s.asked, fmt.Sprintf("enqueue %d", len(messages)))
	return s.Store.Enqueue(ctx, e, messages...)
}

// The answer and the work are the same for an address that somebody has, that nobody
// has, that is a disabled account's and that is none.
func TestWhoeverAsksForALinkLearnsNothing(t *testing.T) {
	var first, work string
	for i, email := range []string{"xada@acme.example", "XADA@ACME.example", "nobody@acme.example", "xgrace@acme.example", "no address", strings.Repeat("x", 5000)} {
		w := newWorld(t)
		w.limits = core.MailLimits{PerAddress: core.Limit{Every: time.Minute, Burst: 1}}
		w.account("ada")
		w.account("grace")
		if _, err := core.New(w.parts).SetDisabled(t.Context(), acme, core.Locator{Login: "grace"}, true, "test", core.Origin{}); err != nil {
			t.Fatal(err)
		}
		s := &watched{Store: w.kept}
		w.parts.Store, w.parts.Outbox, w.parts.Throttle = s, s, s
		a := w.post("/forgot-password", "email", email)
		a.Header().Del("X-Request-Id")
		got, did := fmt.Sprint(a.Code, a.Header(), a.text), strings.Join(s.asked, ", ")
		if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/forgot-password?state=sent" {
			t.Errorf("%q: %s", email, got)
		}
		if i == 0 {
			first, work = got, did
		}
		if got != first {
			t.Errorf("%q: got %s, want %s", email, got, first)
		}
		if i < 4 && did != work { // what can be no address is not looked for
			t.Errorf("%q: it did %s and not %s", email, did, work)
		}
		if events := w.events(); !slices.Equal(events, []string{"reset.requested"}) {
			t.Errorf("%q: events %q", email, events)
		}
		a = w.post("/forgot-password", "email", email)
		w.wants(a, http.StatusTooManyRequests, "Look into your mailbox, and ask again in 60 s", "<title>Error:", "<form id=\"forgot\"")
		if a.Header().Get("Retry-After") != "60" {
			t.Errorf("%q: Retry-After %s", email, a.Header().Get("Retry-After"))
		}
	}
}

func TestTheFormSaysWhatHappensNext(t *testing.T) {
	w := newWorld(t)
	w.wants(w.get("/forgot-password"), http.StatusOK, "Forgot your password?", `autocomplete="email"`, `<label for="email">`)
	w.wants(w.get("/forgot-password?state=sent"), http.StatusOK, "Look into your mailbox", "If an account has this address", "unwanted mail")
	w.wants(w.post("/forgot-password", "email", ""), http.StatusUnprocessableEntity, "Type the e-mail address", `aria-describedby="email-problem"`, `<a href="#email">`)
	w.wants(w.post("/forgot-password", "email", "\xff@acme.example"), http.StatusUnprocessableEntity, "arrived damaged")
	if got := w.events(); len(got) > 0 {
		t.Errorf("events: %q", got)
	}
}

func TestWhereNothingIsMailedThePageSaysWhoHelps(t *testing.T) {
	for name, none := range map[string]func(*world){
		"no mail":      func(w *world) { w.mails = false },
		"nobody's own": func(w *world) { w.cfg.Tenant = "" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			none(w)
			w.cfg.Help = "Call 555 <1234>."
			a := w.get("/forgot-password")
			w.wants(a, http.StatusOK, "sends no reset links by mail", "Call 555 &lt;1234&gt;.")
			if strings.Contains(a.text, `name="email"`) {
				t.Error("there is a form")
			}
			w.wants(w.post("/forgot-password", "email", "xada@acme.example"), http.StatusNotFound, "sends no reset links")
			if a := w.get("/reset-password?token=x"); strings.Contains(a.text, "/forgot-password") {
				t.Error("a dead link leads to where no link can be had")
			}
			if got := w.events(); len(got) > 0 {
				t.Errorf("events: %q", got)
			}
		})
	}
}

func TestAFormOfAnotherSiteIsRefused(t *testing.T) {
	for _, c := range []struct {
		site, origin string
		want         int
	}{
		{"same-origin", "http://example.com", http.StatusSeeOther},
		{"none", "", http.StatusSeeOther},
		{"cross-site", "https://evil.example", http.StatusForbidden},
		{"cross-site", "null", http.StatusForbidden},
		{"same-site", "https://blog.example.com", http.StatusForbidden},
		// Browsers that tell less: plain HTTP, and old ones.
		{"", "", http.StatusSeeOther},
		{"", "http://example.com", http.StatusSeeOther},
		{"", "null", http.StatusSeeOther},
		{"", "https://evil.example", http.StatusForbidden},
		{"", "https://accounts.acme.example", http.StatusSeeOther}, // behind a proxy that changes Host
	} {
		w := newWorld(t)
		w.cfg.BaseURL = "https://accounts.acme.example"
		r := request(http.MethodPost, "/forgot-password", encode("email", "xada@acme.example"))
		for name, value := range map[string]string{"Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		a := w.send(r)
		if a.Code != c.want {
			t.Errorf("%+v: got %d", c, a.Code)
		}
		if sent := len(w.events()) > 0; sent != (c.want == http.StatusSeeOther) {
			t.Errorf("%+v: sent is %v", c, sent)
		}
	}
}

// The token is the proof: whoever has it needs no origin.
func TestAResetNeedsNoOrigin(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	r := request(http.MethodPost, "/reset-password", encode("token", token, "password", fresh), "Origin", "null")
	w.wants(w.send(r), http.StatusSeeOther)
}

func TestPasswordManagersAreLedToThePage(t *testing.T) {
	w := newWorld(t)
	w.cfg.BaseURL = "https://acme.example/id/"
	for _, path := range []string{"/.well-known/change-password", "/.well-known/change-password/", "/.well-known/change-password?x=y"} {
		a := w.get(path)
		if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/id/forgot-password" {
			t.Errorf("%s: got %d to %s", path, a.Code, a.Header().Get("Location"))
		}
	}
	w.wants(w.get("/forgot-password"), http.StatusOK, `action="/id/forgot-password"`, `href="/id/pages/style.`)
}

// It is the same address to the limits of mail, and to whoever looks for its owner.
func TestAnAddressIsTakenWithoutTheSpaceAroundIt(t *testing.T) {
	for _, email := range []string{" xada@acme.example\n", "\u00a0xada@acme.example\t"} {
		w := newWorld(t)
		w.limits = core.MailLimits{PerAddress: core.Limit{Every: time.Minute, Burst: 1}}
		w.wants(w.post("/forgot-password", "email", "xada@acme.example"), http.StatusSeeOther)
		w.wants(w.post("/forgot-password", "email", email), http.StatusTooManyRequests)
	}
	w := newWorld(t)
	w.wants(w.post("/forgot-password", "email", " \t"), http.StatusUnprocessableEntity, "Type the e-mail address")
}
