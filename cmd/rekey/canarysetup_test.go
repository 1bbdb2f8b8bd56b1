package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/mail/mailtest"
	"rekey/adapters/traces/tracestest"
	"rekey/store/pgtest"
)

const quitSignal = syscall.SIGQUIT

// base is a database, and how to look into it.
type base struct {
	dsn      string
	password string // of the DSN; "" if it has none
	execute  func(t *testing.T, statement string)
	read     func(t *testing.T, keep func(place string, content []byte))
	refusing string // a statement that makes every update of an account fail, telling the row
}

// newCampaign writes the configuration of an installation in which every secret
// is a canary.
func newCampaign(t *testing.T, b base, format string) *campaign {
	c := &campaign{
		running: &running{t: t}, h: newHunt(), base: b, folder: t.TempDir(), left: map[string][]byte{}, statuses: map[int]int{},
		address: freeAddress(t),
	}
	c.BaseURL = "http://" + c.address
	operations := freeAddress(t)
	c.operations = "http://" + operations
	c.plantTyped()
	smtpPassword := c.h.plant("the mail server's password", rand.Text())
	c.quoting.Store("")
	c.smtp = mailtest.Start(t, mailtest.Options{TLS: "starttls", Username: "rekey", Password: smtpPassword, Answer: c.refuse})
	host, port, _ := strings.Cut(c.smtp.Address, ":")
	if b.password != "" {
		c.h.plant("the DSN's password", b.password)
	}
	c.LicenseSpring.APIKey = c.h.plant("an API key", rand.Text(), "example")
	c.LicenseSpring.SharedKey = c.h.plant("a shared key", rand.Text()+rand.Text())
	c.Unleash.AdminToken = "*:*." + c.h.plant("an API token", strings.ToLower(rand.Text()+rand.Text()))
	c.ZAP.HMACSecret = c.h.plant("an issuer's secret", rand.Text()+rand.Text())
	c.collector = tracestest.Start(t)
	c.file("collector", c.h.plant("the collector's credential", rand.Text()))
	c.file("dsn", b.dsn)
	c.file("response.pem", c.responseKey())
	c.file("issuer.pem", c.issuerTokens())
	c.config = c.file("rekey.yaml", fmt.Sprintf(`
server: {address: '%s', drain_delay: 0s}
operations: {address: '%s'}
store: {dsn: {file: dsn}}
passwords:
  hash: {workers: 1, queue: 2}
  pepper: {active: new, keys: {old: '%s', new: {file: %s}}}
sealing: {active: new, keys: {old: '%s', new: {file: %s}}}
attempts: {enabled: false}
webhooks: {endpoints: {siem: {url: '%s', secrets: ['whsec_%s', {file: %s}]}}}
mail:
  enabled: true
  base_url: https://accounts.acme.example
  from: no-reply@acme.example
  smtp: {host: %s, port: %s, ca: %s, username: rekey, password: '%s'}
telemetry: {traces: {endpoint: '%s', sample_ratio: 1, headers: {authorization: {file: collector}}}}
manage: {enabled: true}
pages: {enabled: true, tenant: acme, base_url: https://accounts.acme.example}
log: {level: debug, format: %s}
adapters:
  licensespring:
    enabled: true
    response_key: {file: response.pem}
    companies:
      acme:
        tenant: acme
        api_key: %s
        shared_key: %s
        oauth: {client_id: clients, issuer: https://login.example, audience: [rekey], algorithm: ES256, public_key: {file: issuer.pem}}
  unleash:
    enabled: true
    tenant: acme
    base_url: https://accounts.acme.example
    api_tokens: {ops: {secret: '%s', kind: admin, tenant: acme}}
  zap:
    enabled: true
    issuers: {main: {tenant: acme, algorithm: HS256, secret: %s, issuer: %s, audience: [%s], admin_roles: [%s]}}
`, c.address, operations, c.key("an older pepper"), c.file("pepper", c.key("the pepper")), c.key("an older sealing key"),
		c.file("sealing", c.key("the sealing key")), c.hooks(), c.key("a webhook's secret"),
		c.file("hook", "whsec_"+c.key("a webhook's older secret")), host, port, mailtest.CA(t), smtpPassword, c.collector.Endpoint, format,
		c.LicenseSpring.APIKey, c.LicenseSpring.SharedKey, c.Unleash.AdminToken, c.ZAP.HMACSecret, devIssuer, devAudience, devAdminRole))
	return c
}

// hooks is where webhooks are posted.
func (c *campaign) hooks() string {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c.hooked.Lock()
		defer c.hooked.Unlock()
		c.hook = append(c.hook, fmt.Sprintln(r.RequestURI, r.Header, string(body))...)
		if w.WriteHeader(http.StatusOK); strings.Contains(string(body), "reset.requested") {
			_, _ = io.WriteString(w, c.fresh[0])
		}
	}))
	c.t.Cleanup(endpoint.Close)
	return endpoint.URL
}

// plantTyped makes up what people and their programs type.
func (c *campaign) plantTyped() {
	for i := range 4 {
		c.present = append(c.present, c.h.plant(fmt.Sprintf("present password %d", i), aPassword()))
		c.fresh = append(c.fresh, c.h.plant(fmt.Sprintf("new password %d", i), aPassword()))
	}
	c.fresher = c.h.plant("a newer password", aPassword())
	c.wrong = c.h.plant("a wrong password", aPassword())
	c.weak = c.h.plant("a weak password", rand.Text()[:9])
	c.long = c.h.plant("a long password", strings.Repeat(rand.Text(), 6))
	c.misplaced = c.h.plant("a secret under a wrong key", rand.Text()+rand.Text())
	c.typed = c.h.plant("what was typed into a wrong place", aPassword())
	// What a client calls things is told back to it; only its request's id is noted.
	c.named = c.h.plant("a name of a client's own", rand.Text(), "answers")
	c.requestID = c.h.plant("a request's id", rand.Text(), "answers", "the log", "the database")
	c.h.plantWhole("a hash", "argon2id-hmac-sha256$v=19", "the database")
}

// key makes a key of 32 bytes, and plants it as text and raw.
func (c *campaign) key(name string) string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	c.h.plant(name+", raw", string(raw))
	return c.h.plant(name, base64.StdEncoding.EncodeToString(raw))
}

// file writes a file beside the configuration and returns its path.
func (c *campaign) file(name, text string) string {
	path := filepath.Join(c.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

func (c *campaign) responseKey() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		c.t.Fatal(err)
	}
	c.h.plant("the response key's prime, raw", string(key.Primes[0].Bytes()))
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	for _, line := range strings.Split(string(text), "\n")[8:20] { // those that are not of the public key
		c.h.plant("the response key in PEM", line)
	}
	return string(text)
}

// issuerTokens mints tokens that hold and others that do not, and returns the
// OAuth issuer's public key.
func (c *campaign) issuerTokens() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	mint := func(name string, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		claims["iat"], claims["exp"] = time.Now().Unix(), time.Now().Add(time.Hour).Unix()
		text, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			c.t.Fatal(err)
		}
		c.h.plant(name, text[strings.LastIndexByte(text, '.')+1:])
		return text
	}
	admin := jwt.MapClaims{"iss": devIssuer, "aud": devAudience, "sub": "alan-turing", "role": devAdminRole}
	c.ZAP.AdminToken = mint("an administrator's token", jwt.SigningMethodHS256, []byte(c.ZAP.HMACSecret), admin)
	c.forged = mint("a forged token", jwt.SigningMethodHS256, []byte(rand.Text()), admin)
	admin["role"] = "support"
	c.strangersToken = mint("a token without the role", jwt.SigningMethodHS256, []byte(c.ZAP.HMACSecret), admin)
	c.oauth = mint("an OAuth token", jwt.SigningMethodES256, key, jwt.MapClaims{"iss": "https://login.example", "aud": "rekey", "azp": "clients"})
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// withPassword gives the DSN a password, which a server that trusts does not ask for.
func withPassword(t *testing.T) (dsn, password string) {
	t.Helper()
	u, err := url.Parse(pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	if password, known := u.User.Password(); known { // a server of the developer's own
		return u.String(), password
	}
	password = rand.Text()
	name := u.User.Username()
	if name == "" {
		name = u.Query().Get("user")
	}
	u.User = url.UserPassword(name, password)
	return u.String(), password
}
