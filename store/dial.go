package store

import (
	"net"
	"time"
)

// How a server is found out that does not say that it is gone: its machine lost
// power, or the network to it. Of several hosts the next one is asked after
// dialTimeout, soon enough for a readiness check to see that it answers.
const (
	dialTimeout    = time.Second / 2  // for a host to take a connection, and again without TLS if it is only preferred
	pingTimeout    = time.Second      // for the answer to a question that costs nothing
	silenceTimeout = 10 * time.Second // for what was sent to arrive, or a probe of an idle connection
)

func dialer() *net.Dialer {
	return &net.Dialer{
		Timeout:         dialTimeout,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silenceTimeout / 2, Interval: silenceTimeout / 5, Count: 3},
		Control:         boundSilence,
	}
}
