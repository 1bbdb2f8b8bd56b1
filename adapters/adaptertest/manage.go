package adaptertest

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"rekey/core"
)

// key makes an access key.
func (w *world) key(name string, options map[string]string) error {
	tenant := Tenant
	if options["tenant"] != "" {
		tenant = core.TenantID(options["tenant"])
	}
	n := core.NewAccessKey{Tenant: tenant, Name: name}
	for scope := range strings.SplitSeq(options["scopes"], ",") {
		n.Scopes = append(n.Scopes, core.Scope(scope))
	}
	ago := time.Hour
	if options["standing"] == "expired" {
		n.Lifetime = ago
	} else if options["lifetime"] != "" {
		var err error
		if n.Lifetime, err = time.ParseDuration(options["lifetime"]); err != nil {
			return err
		}
	}
	service := w.throwing([]byte(name+strings.Repeat("-", 32-len(name))), ago)
	_, _, err := service.AddAccessKey(context.Background(), n, "operator", core.Origin{})
	if err == nil && options["standing"] == "revoked" {
		err = service.RevokeAccessKey(context.Background(), tenant, name, "operator", core.Origin{})
	}
	return err
}

// idOf returns the id of an account that is given or was made since.
func (w *world) idOf(name string) string {
	for id, called := range w.names {
		if called == name {
			return string(id)
		}
	}
	a, err := w.parts.Store.Account(w.t.Context(), Tenant, core.Key{Kind: core.KeyLogin, Value: core.Fold(name)})
	if err != nil {
		w.t.Fatalf("no account %q: %v", name, err)
	}
	return string(a.ID)
}

// made returns what an account is called that a request has made.
func (w *world) made(id core.AccountID) string {
	a, err := w.parts.Store.Account(w.t.Context(), Tenant, core.Key{Kind: core.KeyID, Value: string(id)})
	if err != nil {
		return string(id)
	}
	return cmp.Or(a.Username, a.Email)
}

// told returns a text that stands in the last response's JSON.
func (r *runner) told(member string) string {
	_, body, _ := strings.Cut(r.got, "\n\n")
	var told map[string]any
	if err := json.Unmarshal([]byte(body), &told); err != nil {
		r.t.Fatalf("%s: the response before has no JSON: %v", r.title, err)
	}
	text, ok := told[member].(string)
	if !ok {
		r.t.Fatalf("%s: the response before has no %q", r.title, member)
	}
	return text
}

// Dice returns randomness that is the same in every run.
func Dice() io.Reader { return &counter{} }
