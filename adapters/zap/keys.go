package zap

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// algorithm is one way to sign a token, and the key that it takes.
type algorithm struct {
	secret int            // the least bytes of its secret (RFC 7518, section 3.2); 0 if it has a public key
	fits   func(any) bool // whether a public key is of its kind
	want   string         // the kind, in words
}

// algorithms are all that an issuer may be pinned to.
var algorithms = map[string]algorithm{
	"HS256": {secret: 32}, "HS384": {secret: 48}, "HS512": {secret: 64},
	"RS256": rsaKey, "RS384": rsaKey, "RS512": rsaKey,
	"PS256": rsaKey, "PS384": rsaKey, "PS512": rsaKey,
	"ES256": ecKey(elliptic.P256()), "ES384": ecKey(elliptic.P384()), "ES512": ecKey(elliptic.P521()),
	"EdDSA": {fits: isEd25519, want: "an Ed25519 key"},
}

var rsaKey = algorithm{fits: isRSA, want: "an RSA key of 2048 bits or more"}

func isRSA(key any) bool {
	k, ok := key.(*rsa.PublicKey)
	return ok && k.N.BitLen() >= 2048
}

func ecKey(curve elliptic.Curve) algorithm {
	return algorithm{want: "a key on the curve " + curve.Params().Name, fits: func(key any) bool {
		k, ok := key.(*ecdsa.PublicKey)
		return ok && k.Curve == curve
	}}
}

func isEd25519(key any) bool {
	_, ok := key.(ed25519.PublicKey)
	return ok
}

// key returns the key that verifies the issuer's tokens, or the field at fault
// and what to do about it.
func (i Issuer) key() (key any, field, problem string) {
	method, known := algorithms[i.Algorithm]
	switch {
	case !known:
		return nil, "algorithm", "write one of " + strings.Join(slices.Sorted(maps.Keys(algorithms)), ", ")
	case method.secret > 0 && i.PublicKey.IsSet():
		return nil, "public_key", i.Algorithm + " takes a secret; remove the public key"
	case method.secret > 0:
		problem = i.secretProblem(method.secret)
		return []byte(i.Secret.Reveal()), "secret", problem
	case i.Secret.IsSet():
		return nil, "secret", i.Algorithm + " takes a public key; remove the secret"
	}
	key, problem = publicKey(i.PublicKey.Reveal())
	if problem == "" && !method.fits(key) {
		problem = fmt.Sprintf("%s takes %s; give that or another algorithm", i.Algorithm, method.want)
	}
	return key, "public_key", problem
}

func (i Issuer) secretProblem(least int) string {
	switch text := i.Secret.Reveal(); {
	case strings.Contains(text, "-----BEGIN"):
		return "is a key in PEM, which others may know; " + i.Algorithm + " takes a secret that only the issuer has"
	case len(text) < least:
		return fmt.Sprintf("give the issuer's signing secret, of at least %d bytes for %s", least, i.Algorithm)
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

// equalKeys reports whether two verifying keys are the same.
func equalKeys(a, b any) bool {
	if secret, ok := a.([]byte); ok {
		other, ok := b.([]byte)
		return ok && bytes.Equal(secret, other)
	}
	public, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(b)
}
