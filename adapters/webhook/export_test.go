package webhook

import (
	"context"
	"net"
	"net/http"
	"net/netip"
)

// Allows reports whether the address is dialled for a URL that does not name this
// machine.
func Allows(addr netip.Addr, private bool) bool {
	return guard{private: private, loopback: private}.allows(addr.Unmap())
}

// Resolve makes whatever name the sender looks up lead to the address.
func Resolve(s *Sender, address string) {
	transport := s.client.Transport.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) { return dial(ctx, network, address) }
}
