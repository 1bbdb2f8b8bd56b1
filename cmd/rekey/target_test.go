package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"rekey/adapters"
	"rekey/adapters/adaptertest"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/core/wordlist"
	"rekey/store/memory"
)

// What is planted in a target, and what the transcripts of the dialects send.
const (
	adasPassword = "forgotten tomorrow"
	adasToken    = "r3set"
	gracesToken  = "planted-reset-token-of-grace"
	mailedCode   = "48151623"
	sentSecret   = "cAnArY-q7Zx-sent"
)

// target is an installation to attack: all dialects over a store in memory,
// composed as serve does. What it knows is the same at the start of each attack.
type target struct {
	*memory.Store // of the attack that goes on
	keys          devKeys
	admin, oauth  string // tokens: the administrator's, and that of LicenseSpring's client
	accounts      []core.Account
	parts         core.Parts
	handler       http.Handler
	contracts     map[string]*adaptertest.Contract
	wire          *inProcess
	log           *buffer
}

func newTarget(t testing.TB) *target {
	t.Helper()
	g := &target{Store: memory.New(), keys: newDevKeys(), contracts: map[string]*adaptertest.Contract{}, log: &buffer{}}
	cfg := devConfig(g.keys, "127.0.0.1:0", "sqlite:none")
	cfg.Adapters.Unleash.BaseURL = "http://rekey.example"
	cfg.Adapters.LicenseSpring.Companies["oauth"], g.oauth = oauthCompany(t)
	pool, err := passhash.New(passhash.ForTests(), rand.Reader)
	noError(t, err)
	sealer, err := newSealer(cfg.Sealing)
	noError(t, err)
	g.admin, err = g.keys.adminToken(devAdminRole)
	noError(t, err)
	g.parts = core.Parts{
		Store: g, Outbox: g, Throttle: g, Factors: g, Sealer: sealer, AccessKeys: g, Replays: g, Deliveries: g, Hasher: pool,
		Policy: core.NIST(wordlist.Common), History: 5, TokenTTL: time.Hour, Now: time.Now, Random: rand.Reader,
	}
	serves := &generation{installation: &installation{cfg: cfg, pool: pool, passwords: core.New(g.parts)}}
	serves.examination = newExamination()
	serves.examination.found.CheckedAt = time.Now().Add(24 * time.Hour) // there is no database to examine
	serves.log = slog.New(slog.NewJSONHandler(g, &slog.HandlerOptions{Level: slog.LevelDebug}))
	serves.measure()
	noError(t, serves.mount())
	g.handler = serves.clients
	t.Cleanup(func() { _ = adapters.Close(serves.dialects...) })
	for _, a := range append(serves.managing(), serves.dialects...) {
		g.contracts[a.Name()] = adaptertest.ContractOf(t, a)
	}
	s := &server{}
	s.current.Store(serves)
	g.wire = serveInProcess(s.httpServer(nil))
	g.populate(t, serves.passwords)
	return g
}

// Write implements [io.Writer]: it is the log.
func (g *target) Write(p []byte) (int, error) { return g.log.Write(p) }

// populate makes the accounts that every attack finds.
func (g *target) populate(t testing.TB, s *core.Service) {
	for name, zapID := range map[string]string{"ada": "43af9a8989ffb63cc9cdd0537", "grace": "641b0f3c8a2d4e5f6a7b8c02"} {
		password := core.NewPassword(adasPassword)
		account, err := s.CreateAccount(context.Background(), core.NewAccount{
			Tenant: devTenant, Username: name, Email: name + "@acme.example", ExternalIDs: map[string]string{"zap": zapID}, Password: &password,
		}, byOperator)
		noError(t, err)
		g.accounts = append(g.accounts, account)
	}
}

// renew forgets what the last attack did: both accounts have a reset token and
// a mailed code, and one has a factor.
func (g *target) renew(t testing.TB) {
	g.Store, g.log = memory.New(), &buffer{}
	ctx, now := context.Background(), time.Now()
	for _, a := range g.accounts {
		event := core.Event{ID: core.EventID("created-" + a.Username), At: now, Tenant: devTenant, Account: a.ID, Action: core.AccountCreated}
		noError(t, g.CreateAccount(ctx, a, event))
		token := map[string]string{"ada": adasToken, "grace": gracesToken}[a.Username]
		event.ID, event.Action = core.EventID("token-"+a.Username), core.TokenIssued
		noError(t, g.CreateToken(ctx, core.ResetToken{
			Digest: core.NewToken(token).Digest(), Tenant: devTenant, Account: a.ID, IssuedBy: "operator", IssuedAt: now, ExpiresAt: now.Add(time.Hour),
		}, event))
		dice := g.parts
		dice.Random = io.MultiReader(bytes.NewReader(binary.BigEndian.AppendUint64(nil, 48151623)), rand.Reader)
		_, _, err := core.New(dice).IssueCode(ctx, core.Message{Tenant: devTenant, Account: a.ID})
		noError(t, err)
		if a.Username == "grace" {
			_, _, err := core.New(g.parts).EnrolFactor(ctx, devTenant, core.Locator{ID: a.ID}, "operator", byOperator)
			noError(t, err)
		}
	}
}

// attack sends the bytes to the installation as it was in the beginning. It
// returns the exchanges, what was answered beside them, and the log.
func (g *target) attack(t testing.TB, raw []byte) (exchanges []exchange, beside []byte, log string) {
	g.renew(t)
	reached, out := g.wire.send(g.handler, raw)
	exchanges, beside = paired(t, reached, out)
	return exchanges, beside, g.log.String()
}

// placeholders are what a hostile client knows, or could: it varies the rest.
func (g *target) placeholders() map[string]string {
	now := time.Now()
	date, authorization := signed(g.keys.apiKey, g.keys.sharedKey, now)
	return map[string]string{
		"acme.date": date, "acme.authorization": authorization, "date": now.UTC().Format(http.TimeFormat),
		"admin": g.admin, "oauth": g.oauth, "unleash": g.keys.unleashAdmin, "canary": sentSecret, "code": mailedCode,
	}
}

// secrets are what no answer and no log may hold.
func (g *target) secrets() []string {
	k := g.keys
	return []string{
		k.apiKey, k.sharedKey, k.refusedAPIKey, k.refusedSharedKey, k.hmacSecret, k.unleashAdmin, k.sealing,
		g.admin, g.oauth, adasPassword, adasToken, gracesToken, mailedCode, sentSecret,
	}
}

func noError(t testing.TB, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
