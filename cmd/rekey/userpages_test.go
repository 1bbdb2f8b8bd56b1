package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"rekey/config"
)

// filled is a form as a browser sends it, of names and values in turns.
func filled(path string, fields ...string) request {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return request{method: http.MethodPost, path: path, body: values.Encode(), header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}
}

// A user asks for a link, reads it where dev prints what it would mail, and chooses
// a password by it.
func TestDevShowsThePagesAndPrintsWhatWouldBeMailed(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	if a := r.send(request{method: "GET", path: strings.TrimPrefix(r.Pages.ResetURL, r.BaseURL)}); a.status != http.StatusOK || !strings.Contains(a.body, r.Accounts[3].Username) {
		t.Errorf("the reset link: %d %s", a.status, a.body)
	}
	if !strings.Contains(r.out.String(), "\n  "+r.Pages.ResetURL+"\n  "+r.Pages.ForgotURL+"\n") {
		t.Errorf("the links are not printed:\n%s", r.out)
	}
	for _, address := range []string{"nobody@acme.example", r.Accounts[0].Email} {
		if a := r.send(filled("/forgot-password", "email", address)); a.status != http.StatusOK || !strings.Contains(a.body, "Look into your mailbox") {
			t.Errorf("%s: %d %s", address, a.status, a.body)
		}
	}
	mailed := regexp.MustCompile(`mail to "` + r.Accounts[0].Email + `": choose a new password at ` + r.BaseURL + `/reset-password\?token=(\S+)\n`)
	var found []string
	r.eventually("the mail is printed", func() bool {
		found = mailed.FindStringSubmatch(r.out.String())
		return found != nil
	})
	if strings.Contains(r.out.String(), "nobody@acme.example") {
		t.Error("a mail to nobody is printed")
	}
	const chosen = "A fresh sample staple 9"
	if a := r.send(filled("/reset-password", "token", found[1], "password", chosen)); a.status != http.StatusOK || !strings.Contains(a.body, "Your password was changed") {
		t.Errorf("the change: %d %s", a.status, a.body)
	}
	r.knows(0, chosen)
	events := r.send(request{method: "GET", path: "/manage/v1/events?order=newest&limit=5", header: map[string]string{"Authorization": "Bearer " + r.Manage.Key}})
	if !regexp.MustCompile(`"action":"password.changed"[^{]*"dialect":"pages"`).MatchString(events.body) {
		t.Errorf("the trail does not say so: %s", events.body)
	}
}

// The looks change without a restart, and the pages can be switched off.
func TestPagesTakeUpANewBrand(t *testing.T) {
	t.Parallel()
	n := startRenewing(t)
	look := request{method: "GET", path: "/forgot-password"}
	for _, name := range []string{"Acme", "Globex"} {
		n.mustRenew(func(cfg *config.Config) { cfg.Pages.Brand.Name, cfg.Mail.Enabled = name, true; addressed(cfg) })
		if a := n.send(look); !strings.Contains(a.body, `<p class="brand">`+name+`</p>`) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if got := n.renew(func(cfg *config.Config) { cfg.Pages.Brand.Logo = "/nowhere" }); len(got.Reasons) != 1 || !strings.Contains(got.Reasons[0], "pages.brand.logo") {
		t.Errorf("a logo that is not there: %+v", got)
	}
	n.mustRenew(func(cfg *config.Config) { cfg.Pages.Brand.Logo = ""; cfg.Pages.Enabled = false })
	if a := n.send(look); a.status != http.StatusNotFound {
		t.Errorf("switched off, it answers %d", a.status)
	}
}
