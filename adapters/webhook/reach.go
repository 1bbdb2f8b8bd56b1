package webhook

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
)

// Reach connects to the endpoint as a delivery would, up to and with the TLS
// handshake, and sends no request.
func Reach(ctx context.Context, e Endpoint) error {
	at, err := e.target()
	if err != nil {
		return err
	}
	config, err := e.tlsConfig()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	dial := dialer(e, at).DialContext
	if at.Scheme == "https" {
		dial = (&tls.Dialer{NetDialer: dialer(e, at), Config: config}).DialContext
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(at.Hostname(), port(at)))
	if err != nil {
		return err
	}
	return conn.Close()
}

func port(at *url.URL) string {
	switch {
	case at.Port() != "":
		return at.Port()
	case at.Scheme == "https":
		return "443"
	}
	return "80"
}
