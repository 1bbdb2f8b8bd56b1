package bearer

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
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

// names returns the names of the algorithms, as a list for people.
func names() string { return strings.Join(slices.Sorted(maps.Keys(algorithms)), ", ") }

var rsaKey = algorithm{fits: isRSA, want: "an RSA key of 2048 to 8192 bits"}

// isRSA refuses keys that are too short to be safe, and those whose
// verification would take long: 8192 bits take about 1 ms.
func isRSA(key any) bool {
	k, ok := key.(*rsa.PublicKey)
	return ok && k.N.BitLen() >= 2048 && k.N.BitLen() <= 8192
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
