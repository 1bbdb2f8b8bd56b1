package zap_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"time"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/zap"
	"rekey/config/load"
	"rekey/config/secret"
	"rekey/core"
)

const (
	mainSecret   = "main's secret, of 32 bytes or more"
	otherSecret  = "other's secret, of 32 bytes or more"
	vendorSecret = "the vendor's secret, of 32 bytes or more"
)

// issuers are what every transcript finds configured.
func issuers() zap.Config {
	cfg := zap.Default()
	cfg.Enabled = true
	cfg.Issuers = map[string]zap.Issuer{
		"main":  issuer(adaptertest.Tenant, mainSecret),
		"other": issuer("other", otherSecret),
	}
	return cfg
}

func issuer(tenant core.TenantID, key string) zap.Issuer {
	var i zap.Issuer
	i.SetDefaults()
	i.Tenant, i.Algorithm, i.Secret = tenant, "HS256", secret.New(key)
	i.Issuer, i.Audience, i.AdminRoles = "https://id.example", []string{"rekey"}, []string{"site-admin"}
	return i
}

func build(yaml []byte, env adapters.Env) (adapters.Adapter, error) {
	cfg := issuers()
	if problems := load.Into(&cfg, load.Options{Sources: []load.Source{load.Text("config", yaml)}}); len(problems) > 0 {
		return nil, problems
	}
	var problems load.Problems
	cfg.Validate(func(key, problem string) { problems = append(problems, load.Problem{Key: key, Text: problem}) })
	if len(problems) > 0 {
		return nil, problems
	}
	return zap.New(cfg, env)
}

func TestTranscripts(t *testing.T) {
	adaptertest.Run(t, adaptertest.Dialect{New: build, Constants: constants()})
}

func TestEveryFailureHasItsWords(t *testing.T) {
	if missing := zap.Faults().Missing(); len(missing) > 0 {
		t.Errorf("no row for %v", missing)
	}
	for _, rule := range core.Rules() {
		if zap.RuleWords()[rule] == "" {
			t.Errorf("no words for the rule %s", rule)
		}
	}
	for _, reason := range adapters.JSONReasons() {
		if zap.ReasonWords()[reason] == "" {
			t.Errorf("no words for the reason %s", reason)
		}
	}
	if flaws := zap.WordlessFlaws(); len(flaws) > 0 {
		t.Errorf("no words for the flaws %v", flaws)
	}
}

func TestEveryFailureLeavesInTheDialect(t *testing.T) {
	server := serve(t, issuers())
	adapter, err := zap.New(issuers(), adapters.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	all := []error{errors.New("nobody classified this"), context.Canceled, fmt.Errorf("wrapped: %w", core.Conflict)}
	all = append(all, slices.Collect(maps.Keys(zap.Faults()))...)
	for _, failure := range all {
		w := httptest.NewRecorder()
		if err := adapter.Fail(server.NewContext(httptest.NewRequest(http.MethodPost, "/", nil), w), failure); err != nil {
			t.Fatal(err)
		}
		row := zap.Faults().Of(failure)
		form := regexp.MustCompile(`^\{"success":false,"error":"` + row.Code + `","message":"` + row.Message + `[^"]*"\}$`)
		if w.Code != row.Status || !form.Match(w.Body.Bytes()) {
			t.Errorf("%v: got %d, %s", failure, w.Code, w.Body)
		}
		if header := w.Header(); header.Get("Content-Type") != "application/json; charset=utf-8" ||
			(header.Get("Retry-After") != "") != (w.Code == 429 || w.Code == 503) ||
			(header.Get("WWW-Authenticate") != "") != (w.Code == 401 || w.Code == 403) {
			t.Errorf("%v: got %v", failure, header)
		}
	}
	if got := zap.Faults()[core.Internal].Message; got != "An error occured while processing the request" { //nolint:misspell // the vendor's
		t.Errorf("got %q for an internal error", got)
	}
}

func TestFailuresRevealNoAccountAndEndNoSession(t *testing.T) {
	faults := zap.Faults()
	for _, code := range []core.Code{core.NotFound, core.WrongFactor, core.Disabled} {
		if faults[code] != faults[core.WrongPassword] {
			t.Errorf("%s differs from a wrong password", code)
		}
	}
	documented := map[int]bool{400: true, 401: true, 403: true, 404: true, 405: true, 413: true, 429: true, 500: true, 503: true}
	for err, fault := range faults {
		if !documented[fault.Status] {
			t.Errorf("%s: status %d is none of the dialect's", err, fault.Status)
		}
		if unauthenticated := errors.Is(err, core.Unauthenticated); (fault.Status == 401) != unauthenticated {
			t.Errorf("%s: got %d", err, fault.Status)
		}
	}
}
