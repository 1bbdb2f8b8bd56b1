package zap_test

import (
	"strings"
	"testing"
	"time"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/adapters/zap"
	"rekey/config/secret"
	"rekey/core"
)

func TestExampleIsAccepted(t *testing.T) {
	x := adapters.Example{
		BaseURL: "http://127.0.0.1:8080", Now: adaptertest.Now, Tenant: adaptertest.Tenant,
		Account: core.Account{Email: "ada@acme.example", ExternalIDs: map[string]string{zap.ExternalID: "5e0b1a"}},
		Current: core.NewPassword("it's forgotten"), New: core.NewPassword("correct horse battery staple"),
	}
	for name, change := range map[string]func(*zap.Issuer){
		"as it is":     func(*zap.Issuer) {},
		"HS512":        func(i *zap.Issuer) { i.Algorithm, i.Secret = "HS512", secret.New(strings.Repeat(mainSecret, 2)) },
		"with a type":  func(i *zap.Issuer) { i.Type = "at+jwt" },
		"short-lived":  func(i *zap.Issuer) { i.MaxLifetime, i.MaxAge = time.Minute, time.Minute },
		"vendor shape": vendorShape,
	} {
		cfg := issuers()
		i := cfg.Issuers["main"]
		change(&i)
		cfg.Issuers["main"] = i
		command, err := cfg.Example(x)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		_, after, _ := strings.Cut(command, "'Authorization: ")
		authorization, _, _ := strings.Cut(after, "'")
		if w := post(serve(t, cfg), "{}", authorization); w.Code != passed {
			t.Errorf("%s: got %d for\n%s", name, w.Code, command)
		}
		if !strings.Contains(command, `{"userId":"5e0b1a","email":"ada@acme.example","oldPassword":"it'\''s forgotten",`) {
			t.Errorf("%s: got\n%s", name, command)
		}
	}
}

func TestExampleSaysWhatItLacks(t *testing.T) {
	cfg := issuers()
	x := adapters.Example{Account: core.Account{ExternalIDs: map[string]string{zap.ExternalID: "5e0b1a"}}, Tenant: "third"}
	if _, err := cfg.Example(x); err == nil || !strings.Contains(err.Error(), "issuer") {
		t.Errorf("got %v for a tenant without an issuer", err)
	}
	if _, err := cfg.Example(adapters.Example{}); err == nil || !strings.Contains(err.Error(), "userId") {
		t.Errorf("got %v for an account without an id", err)
	}
}
