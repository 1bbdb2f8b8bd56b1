package main

import (
	"net/http"
	"net/url"
	"strings"
)

// visit does what people do at the pages, well and badly.
func (c *campaign) visit() {
	token := c.h.plant("the token of a link", strings.TrimSpace(c.command("token issue", "", true, "token", "issue", "-t", "acme", "mary")), "token issue", "answers")
	chosen := c.h.plant("a password that was chosen at a page", aPassword())
	c.send(request{method: "GET", path: "/reset-password?token=" + token})
	c.send(request{method: "GET", path: "/reset-password?token=" + url.QueryEscape(c.typed)})
	c.send(request{method: "GET", path: "/pages/" + url.PathEscape(c.typed)})
	for _, q := range []request{
		filled("/reset-password", "token", token, "password", c.weak),
		filled("/reset-password", "token", token, "password", chosen, "repeat", c.wrong),
		filled("/reset-password", "token", token, "password", c.long),
		filled("/reset-password", "token", c.typed, "password", token),
		filled("/reset-password", "token", token, "password", chosen, c.typed, c.misplaced),
		filled("/reset-password/check", "token", token, "password", chosen),
		filled("/reset-password/check", "token", chosen, "password", c.typed),
		filled("/forgot-password", "email", c.typed, "lang", c.misplaced),
		filled("/forgot-password", "email", "ada@acme.example"),
		filled("/forgot-password?token="+token, "email", chosen).with("Referer", "https://acme.example/reset-password?token="+token),
	} {
		c.send(q)
	}
	if a := c.send(filled("/reset-password", "token", token, "password", chosen)); a.status != http.StatusOK || !strings.Contains(a.body, "Your password was changed") {
		c.t.Errorf("a change at the pages is answered %d %s", a.status, a.body)
	}
	c.send(filled("/reset-password", "token", token, "password", chosen))
}
