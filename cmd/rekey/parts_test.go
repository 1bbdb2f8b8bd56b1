package main

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"rekey/adapters"
	"rekey/cmd/rekey/bench"
	"rekey/core"
	"rekey/store"
	"rekey/store/pgtest"
)

// A whole change through the handler and into the database, by a hasher that
// derives nothing: what is left is ours.
func BenchmarkChange(b *testing.B) {
	for _, on := range []struct {
		name string
		dsn  func(b *testing.B) string
	}{
		{"SQLite", func(b *testing.B) string { return "sqlite:" + b.TempDir() + "/rekey.db" }},
		{"PostgreSQL", func(b *testing.B) string {
			dsn := pgtest.DSN(b)
			noError(b, store.Migrate(b.Context(), store.Options{DSN: dsn}, func(string) {}))
			return dsn
		}},
	} {
		for _, dialect := range builtinNames() {
			b.Run(on.name+"/"+dialect, func(b *testing.B) { benchmarkChange(b, on.dsn(b), dialect) })
		}
	}
}

func benchmarkChange(b *testing.B, dsn, dialect string) {
	keys := newDevKeys()
	admin, err := keys.adminToken(devAdminRole)
	noError(b, err)
	i, err := install(b.Context(), devConfig(keys, "127.0.0.1:0", dsn), io.Discard)
	noError(b, err)
	defer i.Close()
	i.passwords.Hasher = instant{i.passwords.Hasher, "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA"}
	g := &generation{installation: i}
	noError(b, g.mount())
	defer adapters.Close(g.dialects...)
	a := &bench.Account{Email: "ada@acme.example", UserID: hex.EncodeToString(randomBytes(12)), Password: bench.NewPassword()}
	password := core.NewPassword(a.Password)
	made, err := i.passwords.CreateAccount(b.Context(), core.NewAccount{
		Tenant: devTenant, Email: a.Email, ExternalIDs: map[string]string{"zap": a.UserID}, Password: &password,
	}, byOperator)
	noError(b, err)
	setup := bench.Setup{Dialect: dialect, Keys: bench.Keys{APIKey: keys.apiKey, SharedKey: keys.sharedKey, AdminToken: admin}}
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		if dialect == "unleash" {
			token, _, err := i.passwords.IssueToken(b.Context(), devTenant, core.Locator{ID: made.ID}, rand.Text(), byOperator)
			noError(b, err)
			a.Token = token.Reveal()
		}
		fresh := bench.NewPassword()
		request, err := setup.Request(b.Context(), a, fresh)
		noError(b, err)
		request.RemoteAddr, request.RequestURI, request.Host = "192.0.2.7:40000", request.URL.RequestURI(), "rekey.example"
		answer := httptest.NewRecorder()
		b.StartTimer()
		g.clients.ServeHTTP(answer, request)
		if answer.Code != http.StatusOK {
			b.Fatalf("got %d %s", answer.Code, answer.Body)
		}
		a.Password = fresh
	}
}
