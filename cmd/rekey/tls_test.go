package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestServeSpeaksTLS(t *testing.T) {
	t.Parallel()
	certificate, key, roots := certify(t)
	file := serveConfig(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"),
		"server: {address: '127.0.0.1:0', drain_delay: 0s, tls: {certificate: "+certificate+", key: "+key+"}}")
	addAda(t, file)
	r := startServe(t, file).withAda()
	plain := r.dial()
	plain.write(request{method: http.MethodPost, path: licensespringDialect.path}.head())
	if left := plain.end(); !strings.HasPrefix(left, "HTTP/1.0 400 ") {
		t.Errorf("without TLS it answers %q", left)
	}

	r.BaseURL = strings.Replace(r.BaseURL, "http:", "https:", 1)
	for _, q := range []request{
		r.firstChange(licensespringDialect, 0, "A fresh sample staple 1"),
		licensespringDialect.change(r.facts, 0, "A fresh sample staple 1", "A fresh sample staple 2"),
	} {
		r.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: strings.Contains(q.body, "staple 2")}
		a := r.send(q)
		r.succeeds(licensespringDialect, a, "over TLS")
		if kept := a.header.Get("Strict-Transport-Security"); kept != "max-age=31536000" {
			t.Errorf("over TLS, Strict-Transport-Security is %q", kept)
		}
	}
	r.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}}
	if response, err := r.client.Get(r.BaseURL); err == nil {
		t.Errorf("TLS 1.1 is served: %v", response.Status)
	}
}

// certify writes a certificate for loopback and its key, and returns their
// files and who trusts it.
func certify(t *testing.T) (certificate, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	public, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	inPEM := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(inPEM("CERTIFICATE", public)))
	return write(t, "rekey.pem", inPEM("CERTIFICATE", public)), write(t, "rekey.key", inPEM("PRIVATE KEY", secret)), roots
}
