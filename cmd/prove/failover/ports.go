package failover

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// endpoint is where a replica listens on loopback, in each of its lives.
type endpoint struct{ port, operations int }

// freePort returns a port of loopback that nobody listens on, below those that
// the kernel gives to connections: one of them must not take it while the
// server that it belongs to is dead.
func freePort() (int, error) {
	const lowest, highest = 20000, 32000
	for range 100 {
		port := lowest + rand.IntN(highest-lowest)                          //nolint:gosec // it need not surprise
		if listener, err := net.Listen("tcp", loopback(port)); err == nil { //nolint:noctx // it does not wait
			return port, listener.Close()
		}
	}
	return 0, errors.New("there is no free port")
}

func newEndpoint() (e endpoint, err error) {
	if e.port, err = freePort(); err != nil {
		return e, err
	}
	e.operations, err = freePort()
	return e, err
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
