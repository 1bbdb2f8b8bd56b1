package cluster

import (
	"net"
	"sync/atomic"
)

// Wire is a way to a cluster that can lose everything which is sent on it, as
// when the machine at its end loses power: nobody answers, and nobody hangs up.
type Wire struct {
	to     string
	at     net.Listener
	losing atomic.Bool
	age    atomic.Int64 // connections of an older one are dead for good, and do not know it
}

// Wire returns a way to a cluster that listens on TCP. The caller closes it.
func (c *Cluster) Wire() (*Wire, error) {
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &Wire{to: c.Address(), at: at}
	go w.serve()
	return w, nil
}

// Address returns where clients reach it.
func (w *Wire) Address() string { return w.at.Addr().String() }

// Silence loses everything from now on.
func (w *Wire) Silence() { w.losing.Store(true) }

// Speak carries what is sent on new connections. Those that there are stay
// silent.
func (w *Wire) Speak() {
	w.age.Add(1)
	w.losing.Store(false)
}

// Close takes no more connections. Those that there are end with their ends.
func (w *Wire) Close() error { return w.at.Close() }

func (w *Wire) serve() {
	for {
		client, err := w.at.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = client.Close()
			continue
		}
		age := w.age.Load()
		go w.carry(server, client, age)
		go w.carry(client, server, age)
	}
}

// carry carries until one end hangs up, which the other is told.
func (w *Wire) carry(to, from net.Conn, age int64) {
	defer func() { _ = to.Close() }()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if !w.losing.Load() && w.age.Load() == age {
			_, _ = to.Write(b[:n])
		}
		if err != nil {
			return
		}
	}
}
