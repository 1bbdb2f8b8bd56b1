package adapters

import (
	"crypto/x509"
	"errors"
	"os"
)

// Roots returns the authorities whose certificates a PEM file has, or nil, which
// means the system's, if no file is named.
func Roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // as crypto/tls takes it
	}
	pem, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("there is none in it")
	}
	return roots, nil
}
