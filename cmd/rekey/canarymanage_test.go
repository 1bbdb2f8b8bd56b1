package main

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"

	"rekey/core"
	"rekey/core/passhash"
)

// manage does what a program does with the management API, well and badly, and
// sends its writes again.
func (c *campaign) manage() {
	key := c.h.plant("an access key", strings.TrimSpace(c.command("key add", "", true, "key", "add", "-t", "acme", "crm",
		"--scope", strings.Join(scopeNames(), ","))), "key add")
	c.command("key list", "", true, "key", "list", "-t", "acme")
	ask := func(method, path, once string, body map[string]string) answer {
		q := request{method: method, path: "/manage/v1" + path, header: map[string]string{"Authorization": "Bearer " + key}}
		if body != nil {
			q.body, q.header["Content-Type"] = toJSON(body), "application/json"
		}
		if once != "" {
			q.header["Idempotency-Key"] = once
		}
		return c.send(q)
	}
	if a := ask("POST", "/verify", "", map[string]string{"login": "ada", "password": c.fresher}); a.status != http.StatusOK {
		c.t.Errorf("the right password is answered %d %s", a.status, a.body)
	}
	ask("POST", "/verify", "", map[string]string{"login": "ada", "password": c.wrong})
	ask("POST", "/verify", "", map[string]string{"login": c.fresher, "password": c.fresher})
	ask("POST", "/verify", "", map[string]string{"login": "ada", c.fresher: "x"})
	moved, hash := c.h.plant("a password that moved in", aPassword()), c.foreignHash()
	var made struct{ ID string }
	for range 2 {
		a := ask("POST", "/accounts", "made-once", map[string]string{"username": "mary", "hash": hash})
		if a.status != http.StatusCreated || json.Unmarshal([]byte(a.body), &made) != nil {
			c.t.Fatalf("a hash is answered %d %s", a.status, a.body)
		}
		ask("POST", "/accounts", "with-a-password", map[string]string{"username": "joan", "password": moved})
		ask("POST", "/accounts", "both", map[string]string{"username": "eve", "password": moved, "hash": hash})
		ask("POST", "/accounts", "misplaced", map[string]string{"username": "eve", "hash": moved})
	}
	var first struct{ Token string }
	for range 2 {
		a := ask("POST", "/accounts/"+made.ID+"/reset_token", "told-once", nil)
		_ = json.Unmarshal([]byte(a.body), &first)
		if len(first.Token) < 40 {
			c.t.Errorf("a reset token is answered %d", a.status)
		}
	}
	c.h.plant("a program's reset token", first.Token, "answers")
	ask("GET", "/accounts?prefix=a", "", nil)
	ask("GET", "/accounts/"+made.ID, "", nil)
	ask("GET", "/events?order=newest", "", nil)
	ask("GET", "/accounts?"+c.fresher+"=x", "", nil)
}

// foreignHash returns what another system keeps of some password. It is no canary
// of the database's, where it lies until it is verified.
func (c *campaign) foreignHash() string {
	config := passhash.ForTests()
	config.Scheme = passhash.Bcrypt
	pool, err := passhash.New(config, rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	made, err := pool.Hash(c.t.Context(), core.NewPassword(rand.Text()))
	if err != nil {
		c.t.Fatal(err)
	}
	c.h.plantWhole("a foreign hash", made, "the database")
	return made
}
