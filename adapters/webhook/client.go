package webhook

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Bounds on what an endpoint may answer, in bytes. Nothing of it is used but the
// status and Retry-After.
const (
	maxAnswer       = 64 << 10
	maxAnswerHeader = 16 << 10
)

// newClient returns a client that goes to the URL's host and nowhere else: it
// follows no redirect, asks no proxy, and dials no address of a private network
// that the configuration does not allow, whatever the name resolves to then.
func newClient(e Endpoint, at *url.URL) (*http.Client, error) {
	config, err := e.tlsConfig()
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Timeout:       e.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer(e, at).DialContext, TLSClientConfig: config, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: e.Timeout, ResponseHeaderTimeout: e.Timeout,
			MaxResponseHeaderBytes: maxAnswerHeader, MaxIdleConnsPerHost: e.Workers, MaxConnsPerHost: e.Workers,
			IdleConnTimeout: time.Minute,
		},
	}, nil
}

// dialer dials the addresses that the endpoint may have.
func dialer(e Endpoint, at *url.URL) *net.Dialer {
	guard := guard{private: e.AllowPrivate, loopback: e.AllowPrivate || loopback(at.Hostname())}
	return &net.Dialer{Timeout: e.Timeout, Control: guard.control}
}

// guard says which addresses are dialled.
type guard struct{ private, loopback bool }

var errPrivate = errors.New("the address is of a private network; allow_private allows it")

// control implements [net.Dialer.Control]: it sees the address that is dialled,
// after the name was resolved.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !g.allows(at.Addr().Unmap()) {
		return errPrivate
	}
	return nil
}

func (g guard) allows(addr netip.Addr) bool {
	switch {
	case addr.IsLoopback():
		return g.loopback
	case addr.IsLinkLocalUnicast(), addr.IsMulticast(), addr.IsUnspecified(), addr == metadata6:
		return false // also the metadata of cloud machines
	case addr.IsPrivate() || contains(reserved, addr):
		return g.private
	}
	return addr.IsGlobalUnicast()
}

// metadata6 is where cloud machines have their metadata over IPv6.
var metadata6 = netip.MustParseAddr("fd00:ec2::254")

// reserved are networks that no public endpoint is in, beside those that
// [netip.Addr.IsPrivate] knows (RFC 6890): shared address space, protocol
// assignments, benchmarks, what is reserved, and IPv4 inside of IPv6.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

func contains(all []netip.Prefix, addr netip.Addr) bool {
	for _, prefix := range all {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}
