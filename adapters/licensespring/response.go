package licensespring

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/config/secret"
)

// changed is the vendor's yes. Bare, without quotes or a line end: the one
// form that every client of the vendor's reads right.
const changed = "password_changed"

// answer says yes, with the signature of that if there is one. It was made
// beforehand, so that nothing can fail once the password has changed.
func (c *company) answer(to echo.Context) error {
	if c.signature != "" {
		to.Response().Header()["LicenseSignature"] = []string{c.signature} // the vendor's spelling
	}
	return to.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(changed))
}

// signResponse returns the LicenseSignature of a body: the vendor's second
// version, RSA PKCS #1 v1.5 over SHA-256 of exactly these bytes. "" without a
// key.
func signResponse(key secret.Value, body string) (string, error) {
	if !key.IsSet() {
		return "", nil
	}
	private, problem := privateKey(key.Reveal())
	if problem != "" {
		return "", fmt.Errorf("response_key %s", problem)
	}
	digest := sha256.Sum256([]byte(body))
	signature, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("sign response: %w", err)
	}
	return base64.StdEncoding.EncodeToString(signature), nil
}

func responseKeyProblem(key secret.Value) string {
	if !key.IsSet() {
		return ""
	}
	_, problem := privateKey(key.Reveal())
	return problem
}

// privateKey reads one RSA private key in PEM, as openssl genrsa writes it now
// (PKCS #8) or wrote it once (PKCS #1).
func privateKey(text string) (*rsa.PrivateKey, string) {
	const want = "give one RSA private key of 2048 bits or more in PEM, without a passphrase (openssl genrsa 2048)"
	block, rest := pem.Decode([]byte(text))
	if block == nil || strings.TrimSpace(string(rest)) != "" {
		return nil, want
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok || private.N.BitLen() < 2048 {
		return nil, want
	}
	return private, ""
}
