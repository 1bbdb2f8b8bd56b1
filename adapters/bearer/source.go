package bearer

import (
	"crypto"
	"crypto/subtle"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"rekey/config/secret"
)

// Source is where an issuer's keys come from, as the configuration says:
// exactly one of Secret, PublicKey and JWKSURL, by the algorithm's family.
type Source struct {
	Algorithm string       // the one that signs; see [Source.Problem]
	Secret    secret.Value // for HS256, HS384 and HS512
	PublicKey secret.Value // for all others: one public key in PEM
	JWKSURL   string       // for all others: where the issuer publishes its keys
}

// The fields of a source, as configurations call them.
const (
	FieldAlgorithm = "algorithm"
	FieldSecret    = "secret"
	FieldPublicKey = "public_key"
	FieldJWKSURL   = "jwks_url"
)

// Problem returns the field at fault and what to do about it, or "" twice.
func (s Source) Problem() (field, problem string) {
	method, known := algorithms[s.Algorithm]
	switch {
	case !known:
		return FieldAlgorithm, "write one of " + names()
	case method.secret > 0 && s.PublicKey.IsSet():
		return FieldPublicKey, s.Algorithm + " takes a secret; remove the public key"
	case method.secret > 0 && s.JWKSURL != "":
		return FieldJWKSURL, s.Algorithm + " takes a secret, which nobody publishes; remove the address"
	case method.secret > 0:
		return at(FieldSecret, s.secretProblem(method.secret))
	case s.Secret.IsSet():
		return FieldSecret, s.Algorithm + " takes a public key; remove the secret"
	case s.JWKSURL != "" && s.PublicKey.IsSet():
		return FieldJWKSURL, "give a public key or the address of a JWK Set, not both"
	case s.JWKSURL != "":
		return at(FieldJWKSURL, AddressProblem(s.JWKSURL))
	}
	key, problem := publicKey(s.PublicKey.Reveal())
	if problem == "" && !method.fits(key) {
		problem = fmt.Sprintf("%s takes %s; give that or another algorithm", s.Algorithm, method.want)
	}
	return at(FieldPublicKey, problem)
}

// at returns the field with its problem, and no field without one.
func at(field, problem string) (string, string) {
	if problem == "" {
		return "", ""
	}
	return field, problem
}

// Field returns which field gives the key.
func (s Source) Field() string {
	switch {
	case s.Shared():
		return FieldSecret
	case s.JWKSURL != "":
		return FieldJWKSURL
	}
	return FieldPublicKey
}

// Shared reports whether the algorithm signs with the secret that verifies.
func (s Source) Shared() bool { return algorithms[s.Algorithm].secret > 0 }

// Meets reports whether both sources give the same key, or keys from the same
// address. Sources with problems meet none.
func (s Source) Meets(t Source) bool {
	_, problem := s.Problem()
	_, other := t.Problem()
	if problem != "" || other != "" || s.Field() != t.Field() {
		return false
	}
	switch s.Field() {
	case FieldJWKSURL:
		return s.JWKSURL == t.JWKSURL
	case FieldSecret:
		return subtle.ConstantTimeCompare([]byte(s.Secret.Reveal()), []byte(t.Secret.Reveal())) == 1
	}
	one, _ := publicKey(s.PublicKey.Reveal())
	two, _ := publicKey(t.PublicKey.Reveal())
	public, ok := one.(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(two)
}

func (s Source) secretProblem(least int) string {
	switch text := s.Secret.Reveal(); {
	case strings.Contains(text, "-----BEGIN"):
		return "is a key in PEM, which others may know; " + s.Algorithm + " takes a secret that only the issuer has"
	case len(text) < least:
		return fmt.Sprintf("give the issuer's signing secret, of at least %d bytes for %s", least, s.Algorithm)
	}
	return ""
}

// publicKey reads one public key in PEM (RFC 7468, section 13).
func publicKey(text string) (key any, problem string) {
	block, rest := pem.Decode([]byte(text))
	switch {
	case block != nil && strings.Contains(block.Type, "PRIVATE"):
		return nil, "is a private key, which belongs to the issuer alone; give its public half (openssl pkey -pubout)"
	case block == nil || block.Type != "PUBLIC KEY" || strings.TrimSpace(string(rest)) != "":
		return nil, "give one public key in PEM, as -----BEGIN PUBLIC KEY-----"
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, "cannot be read; give one public key in PEM, as -----BEGIN PUBLIC KEY-----"
	}
	return key, ""
}

// AddressProblem returns what is wrong with the address of a service that
// tokens or keys come from, or "". Whoever could change an answer on its way
// could make tokens, so plain HTTP is for this machine only.
func AddressProblem(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return "write an absolute address, such as https://login.example.com/keys"
	case u.User != nil || u.Fragment != "":
		return "write an address without a user and without #"
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return "write an https address; http is for this machine only"
	}
	return ""
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
