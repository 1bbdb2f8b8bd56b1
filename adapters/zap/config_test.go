package zap_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/adapters/zap"
	"rekey/config/load"
	"rekey/config/secret"
	"rekey/core"
)

// vendorShape is the documented configuration for tokens of the vendor's shape.
func vendorShape(i *zap.Issuer) {
	i.Issuer, i.Audience, i.VendorShape = "", nil, true
	i.SubjectClaim, i.RoleClaim, i.MaxLifetime = "user.id", "user.roleId", 6*time.Hour
}

// problemsOf returns the problems of the configuration, as "key: text".
func problemsOf(cfg zap.Config) []string {
	var got []string
	cfg.Validate(func(key, problem string) { got = append(got, key+": "+problem) })
	return got
}

func TestValidateTakesEveryAlgorithm(t *testing.T) {
	for name, pair := range pairs(t) {
		cfg := issuers()
		i := cfg.Issuers["main"]
		i.Algorithm, i.Secret, i.PublicKey = name, secret.Value{}, secret.New("\n"+pair.public()+"\n")
		cfg.Issuers["main"] = i
		if got := problemsOf(cfg); len(got) > 0 {
			t.Errorf("%s: got %q", name, got)
		}
	}
	for name, least := range map[string]int{"HS256": 32, "HS384": 48, "HS512": 64} {
		cfg := issuers()
		i := cfg.Issuers["main"]
		i.Algorithm, i.Secret = name, secret.New(strings.Repeat("x", least))
		cfg.Issuers["main"] = i
		if got := problemsOf(cfg); len(got) > 0 {
			t.Errorf("%s: got %q", name, got)
		}
		i.Secret = secret.New(strings.Repeat("x", least-1))
		cfg.Issuers["main"] = i
		if got := problemsOf(cfg); len(got) != 1 || !strings.HasPrefix(got[0], "issuers.main.secret: ") {
			t.Errorf("%s with a short secret: got %q", name, got)
		}
	}
}

func TestValidateReportsEveryProblem(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	privatePEM := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	good := pair{private: curve}.public()
	keyed := func(algorithm, public string) func(*zap.Issuer) {
		return func(i *zap.Issuer) {
			i.Algorithm, i.Secret, i.PublicKey = algorithm, secret.Value{}, secret.New(public)
		}
	}
	for name, test := range map[string]struct {
		change func(*zap.Issuer)
		want   string // keys, below issuers.main
	}{
		"nothing":                         {func(*zap.Issuer) {}, ""},
		"the vendor's shape":              {vendorShape, ""},
		"nothing given":                   {func(i *zap.Issuer) { *i = zap.Issuer{} }, "algorithm tenant issuer audience subject_claim role_claim admin_roles"},
		"only the defaults":               {func(i *zap.Issuer) { *i = zap.Issuer{}; i.SetDefaults() }, "algorithm tenant issuer audience admin_roles"},
		"no algorithm of ours":            {func(i *zap.Issuer) { i.Algorithm = "none" }, "algorithm"},
		"no secret":                       {func(i *zap.Issuer) { i.Secret = secret.Value{} }, "secret"},
		"a public key as a secret":        {func(i *zap.Issuer) { i.Secret = secret.New(good) }, "secret"},
		"both keys":                       {func(i *zap.Issuer) { i.PublicKey = secret.New(good) }, "public_key"},
		"both keys, the other way":        {func(i *zap.Issuer) { i.Algorithm, i.PublicKey = "ES384", secret.New(good) }, "secret"},
		"no public key":                   {keyed("ES384", ""), "public_key"},
		"a private key":                   {keyed("ES384", privatePEM), "public_key"},
		"two public keys":                 {keyed("ES384", good+good), "public_key"},
		"a broken public key":             {keyed("ES384", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"), "public_key"},
		"another curve":                   {keyed("ES256", good), "public_key"},
		"another kind of key":             {keyed("EdDSA", good), "public_key"},
		"a short RSA key":                 {keyed("RS256", pair{private: small}.public()), "public_key"},
		"no issuer":                       {func(i *zap.Issuer) { i.Issuer = "" }, "issuer"},
		"no audience":                     {func(i *zap.Issuer) { i.Audience = nil }, "audience"},
		"an empty audience":               {func(i *zap.Issuer) { i.Audience = []string{"rekey", ""} }, "audience"},
		"no role":                         {func(i *zap.Issuer) { i.AdminRoles = nil }, "admin_roles"},
		"an empty role":                   {func(i *zap.Issuer) { i.AdminRoles = []string{""} }, "admin_roles"},
		"a path with holes":               {func(i *zap.Issuer) { i.SubjectClaim, i.RoleClaim = "user.", ".role" }, "subject_claim role_claim"},
		"too much leeway":                 {func(i *zap.Issuer) { i.Leeway = 6 * time.Minute }, "leeway"},
		"negative times":                  {func(i *zap.Issuer) { i.Leeway, i.MaxAge, i.MaxLifetime = -1, -1, -1 }, "leeway max_age max_lifetime"},
		"vendor's refresh tokens pass":    {func(i *zap.Issuer) { vendorShape(i); i.MaxLifetime = 0 }, "max_lifetime"},
		"a type keeps them out":           {func(i *zap.Issuer) { vendorShape(i); i.MaxLifetime, i.Type = 0, "at+jwt" }, ""},
		"the other issuer's key":          {func(i *zap.Issuer) { i.Secret = secret.New(otherSecret) }, "other.secret"},
		"the other issuer's key, unnamed": {func(i *zap.Issuer) { vendorShape(i); i.Secret = secret.New(otherSecret) }, "other.secret"},
		"the other's key, another iss":    {func(i *zap.Issuer) { i.Secret, i.Issuer = secret.New(otherSecret), "https://id.main.example" }, ""},
	} {
		cfg := issuers()
		i := cfg.Issuers["main"]
		test.change(&i)
		cfg.Issuers["main"] = i
		var keys []string
		for _, problem := range problemsOf(cfg) {
			key, text, _ := strings.Cut(problem, ": ")
			keys = append(keys, strings.TrimPrefix(strings.TrimPrefix(key, "issuers."), "main."))
			if strings.Contains(text, "secret, of 32") || strings.Contains(text, "-----BEGIN PUBLIC KEY-----\n") {
				t.Errorf("%s: %s reveals a secret", name, problem)
			}
		}
		if got := strings.Join(keys, " "); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestValidateJudgesTheSection(t *testing.T) {
	empty := zap.Default()
	if got := problemsOf(empty); len(got) != 1 || !strings.HasPrefix(got[0], "issuers: ") {
		t.Errorf("got %q for the default", got)
	}
	odd := issuers()
	odd.SecureOTP = "sometimes"
	odd.Issuers["a:b"] = issuer("third", "a third secret, of 32 bytes or more")
	got := problemsOf(odd)
	if len(got) != 2 || !strings.HasPrefix(got[0], "secure_otp: ") || !strings.HasPrefix(got[1], "issuers.a:b: ") {
		t.Errorf("got %q", got)
	}
}

func TestConfigurationIsReadWithItsDefaults(t *testing.T) {
	cfg := zap.Default()
	yaml := `
enabled: true
issuers:
  main: {tenant: acme, algorithm: HS256, secret: "main's secret, of 32 bytes or more", issuer: x, audience: [y], admin_roles: [z]}
`
	if problems := load.Into(&cfg, load.Options{Sources: []load.Source{load.Text("config", []byte(yaml))}}); len(problems) > 0 {
		t.Fatal(problems)
	}
	got := cfg.Issuers["main"]
	if cfg.SecureOTP != core.FactorEnrolled || got.SubjectClaim != "sub" || got.RoleClaim != "role" || got.Leeway != 30*time.Second {
		t.Errorf("got %+v", cfg)
	}
	if problems := problemsOf(cfg); len(problems) > 0 || !cfg.IsEnabled() || !slices.Equal(got.Audience, []string{"y"}) {
		t.Errorf("got %q", problems)
	}
}
