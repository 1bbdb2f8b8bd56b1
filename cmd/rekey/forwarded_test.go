package main

import (
	"net/http"
	"net/netip"
	"testing"

	"rekey/config"
)

// FuzzForwardedFor holds that a client's address is always one, and never one
// that somebody wrote who is not trusted.
func FuzzForwardedFor(f *testing.F) {
	for _, seed := range []string{"203.0.113.9", "198.51.100.7, 203.0.113.9", "[2001:db8::9]:80", "unknown, _hidden", ",,", "::ffff:203.0.113.9", "fe80::1%eth0", "203.0.113.9\x1b[31m"} {
		f.Add(seed, "10.0.0.1")
		f.Add(seed, "192.0.2.9, 10.0.0.1")
	}
	behind := clientAddress(config.Server{TrustedProxies: prefixes("10.0.0.0/8,fd00::/8")})
	direct := clientAddress(config.Server{})
	f.Fuzz(func(t *testing.T, one, two string) {
		r := &http.Request{RemoteAddr: "10.0.0.1:40000", Header: http.Header{"X-Forwarded-For": {one, two}, "X-Real-Ip": {one}}}
		if got := direct(r); got != "10.0.0.1" {
			t.Errorf("nobody is trusted, and %q %q is believed: %s", one, two, got)
		}
		if _, err := netip.ParseAddr(behind(r)); err != nil {
			t.Errorf("%q %q: got %q", one, two, behind(r))
		}
		r.RemoteAddr = "192.0.2.9:40000"
		if got := behind(r); got != "192.0.2.9" {
			t.Errorf("a stranger's %q %q is believed: %s", one, two, got)
		}
	})
}
