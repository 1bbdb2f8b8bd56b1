package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"strings"

	"rekey/adapters"
	"rekey/core"
)

// addDevKey makes a key of the first tenant that may do everything. A database
// that dev has used before has the keys of that time, so its name is new.
func addDevKey(ctx context.Context, i *installation) (core.Secret, error) {
	n := core.NewAccessKey{Tenant: devTenant, Name: "dev-" + strings.ToLower(rand.Text()[:8]), Scopes: core.Scopes()}
	secret, _, err := i.passwords.AddAccessKey(ctx, n, "dev", byOperator)
	return secret, err
}

// introduceKey prints a command for the management API.
func (d devFacts) introduceKey(out io.Writer) {
	if d.ManageURL == "" {
		return
	}
	s := d.samples[0]
	body, _ := json.Marshal(map[string]string{"login": s.Email, "password": s.password})
	say(out, "Programs manage accounts by a key. This one asks whether a password is %s's, which it is until the first of those has changed it.\n\n%s\n",
		s.Email, adapters.Curl(d.ManageURL+"/manage/v1/verify", string(body),
			"Content-Type: application/json", "Authorization: Bearer "+d.manageKey.Reveal()))
}
