package main

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rekey/config"
)

// Certificates are renewed under the same names, so that no key of the configuration
// changes.
func TestARenewedCertificateIsServedAfterAReload(t *testing.T) {
	t.Parallel()
	certificate, key, _ := certify(t)
	n := startRenewing(t, func(cfg *config.Config) {
		cfg.Server.TLS = config.TLS{Certificate: certificate, Key: key}
	})
	address := strings.TrimPrefix(n.BaseURL, "https://")
	address = strings.TrimPrefix(address, "http://")
	served := func() string {
		conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		noError(t, err)
		defer func() { _ = conn.Close() }()
		return string(conn.ConnectionState().PeerCertificates[0].Raw)
	}
	first := served()
	other, otherKey, _ := certify(t)
	replace := func(file, by string) {
		noError(t, os.Rename(by, file))
	}
	replace(certificate, other)
	if r := n.renew(func(*config.Config) {}); len(r.Reasons) != 1 || !strings.Contains(r.Reasons[0], "server.tls: ") {
		t.Errorf("a certificate without its key: %v", r.Reasons)
	}
	if served() != first {
		t.Error("a certificate that was refused is served")
	}
	replace(key, otherKey)
	n.mustRenew(func(*config.Config) {})
	if served() == first {
		t.Error("the old certificate is served still")
	}
	if r := n.renew(func(cfg *config.Config) { cfg.Server.TLS = config.TLS{} }); len(r.Reasons) != 1 || !strings.HasPrefix(r.Reasons[0], "server.tls.certificate: restart") {
		t.Errorf("TLS that is switched off: %v", r.Reasons)
	}
}

func TestTheSocketIsItsUsersAlone(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "s") // a socket's path is short
	noError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	path := filepath.Join(folder, "s")
	noError(t, os.Chmod(folder, 0o755))
	n := startRenewing(t, func(cfg *config.Config) { cfg.Operations.Socket = path })
	info, err := os.Lstat(path)
	noError(t, err)
	if info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
	if out, failure := run("", "reload", "--socket", path); failure != "" || !strings.HasPrefix(out, "taken up: no key differs") {
		t.Errorf("got %q, %q", out, failure)
	}
	if _, err := listenPrivately(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another server listens") {
		t.Errorf("a socket in use is taken over: %v", err)
	}
	if err := n.stop(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(folder); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	file := write(t, "a file", "kept")
	if _, err := listenPrivately(t.Context(), file); err == nil {
		t.Error("a file that is no socket is taken over")
	}
	if err := trustworthy(filepath.Dir(file)); err != nil {
		t.Error(err)
	}
	noError(t, os.Chmod(filepath.Dir(file), 0o777))
	if trustworthy(filepath.Dir(file)) == nil {
		t.Error("a folder that everybody may write to is trusted")
	}
}
