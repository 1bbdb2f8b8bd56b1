package licensespring_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"maps"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/adaptertest"
	"rekey/adapters/licensespring"
	"rekey/config/secret"
)

// keyPair is an RSA key of one run.
type keyPair struct {
	key             *rsa.PrivateKey
	private, public secret.Value // in PEM
}

var responseKey, issuerKey, strangersKey = newKeyPair(), newKeyPair(), newKeyPair()

func newKeyPair() keyPair {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	return keyPair{key, inPEM("PRIVATE KEY", private), inPEM("PUBLIC KEY", public)}
}

func inPEM(kind string, der []byte) secret.Value {
	return secret.New(string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

// sign returns what LicenseSignature is for the body.
func (k keyPair) sign(body string) string {
	digest := sha256.Sum256([]byte(body))
	signature, err := rsa.SignPKCS1v15(nil, k.key, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

const loginIssuer = "https://login.example"

// oauth is an OAuth client whose tokens the issuer's key signs.
func oauth(clientID string) licensespring.OAuth {
	return licensespring.OAuth{
		ClientID: clientID, Issuer: loginIssuer, Audience: []string{"rekey"}, Algorithm: "RS256",
		PublicKey: issuerKey.public, TokenURL: "https://login.example/token",
	}
}

// token returns a token for the client rekey-oauth with other claims.
func token(key keyPair, change jwt.MapClaims) string { return tokenOf(key, nil, change) }

func tokenOf(key keyPair, header map[string]any, change jwt.MapClaims) string {
	claims := jwt.MapClaims{
		"iss": loginIssuer, "aud": "rekey", "sub": "service-account", "azp": "rekey-oauth",
		"iat": adaptertest.Now.Add(-time.Minute).Unix(), "exp": adaptertest.Now.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	made := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	maps.Copy(made.Header, header)
	text, err := made.SignedString(key.key)
	if err != nil {
		panic(err)
	}
	return text
}

// ago is a claim's time.
func ago(d time.Duration) int64 { return adaptertest.Now.Add(-d).Unix() }

// tokens are those of the transcripts.
func tokens() map[string]string {
	good := token(issuerKey, nil)
	return map[string]string{
		"oauth":         good,
		"client_id":     token(issuerKey, jwt.MapClaims{"azp": nil, "client_id": "rekey-oauth"}),
		"subject":       token(issuerKey, jwt.MapClaims{"azp": nil, "sub": "rekey-oauth"}),
		"required":      token(issuerKey, jwt.MapClaims{"azp": "rekey-required"}),
		"closed":        token(issuerKey, jwt.MapClaims{"azp": "rekey-closed"}),
		"expired":       token(issuerKey, jwt.MapClaims{"exp": ago(30 * time.Second)}),
		"cut":           good[:strings.LastIndex(good, ".")-5],
		"forged":        token(strangersKey, nil),
		"forged.old":    token(strangersKey, jwt.MapClaims{"exp": ago(time.Hour)}),
		"stranger":      token(issuerKey, jwt.MapClaims{"azp": "somebody-else"}),
		"foreign":       token(issuerKey, jwt.MapClaims{"iss": "https://login.elsewhere.example"}),
		"other.service": token(issuerKey, jwt.MapClaims{"aud": "elsewhere"}),
	}
}
