package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// served is a request that reached the handler, with what was read of its body.
type served struct {
	*http.Request
	content []byte
}

// inProcess is a server of HTTP/1.1 without a network: what it is sent, it is
// sent whole, and then the client sends no more.
type inProcess struct {
	mu      sync.Mutex
	handler http.Handler
	reached []served
	conns   chan net.Conn
}

// serveInProcess serves with the server's own limits. It ends with the process.
func serveInProcess(limits *http.Server) *inProcess {
	p := &inProcess{conns: make(chan net.Conn)}
	limits.Handler = p
	go func() { _ = limits.Serve(p) }()
	return p
}

// ServeHTTP implements [http.Handler]. A client that has sent all is no client
// that hung up.
func (p *inProcess) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var content bytes.Buffer
	as := served{Request: r.Clone(context.Background())}
	r = r.WithContext(context.WithoutCancel(r.Context()))
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(r.Body, &content), r.Body}
	p.handler.ServeHTTP(w, r)
	as.content = content.Bytes()
	p.mu.Lock()
	p.reached = append(p.reached, as)
	p.mu.Unlock()
}

// send sends raw bytes to the handler and returns the requests that were seen in
// them, and all that came back.
func (p *inProcess) send(h http.Handler, raw []byte) ([]served, []byte) {
	c := &memoryConn{in: bytes.NewReader(raw), closed: make(chan struct{})}
	p.mu.Lock()
	p.handler, p.reached = h, nil
	p.mu.Unlock()
	p.conns <- c
	<-c.closed
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.reached, c.written()
}

// Accept implements [net.Listener].
func (p *inProcess) Accept() (net.Conn, error) { return <-p.conns, nil }

// Addr implements [net.Listener].
func (*inProcess) Addr() net.Addr { return memoryAddr{} }

// Close implements [net.Listener].
func (*inProcess) Close() error { return nil }

// memoryConn is a connection whose client wrote all beforehand.
type memoryConn struct {
	in     *bytes.Reader
	mu     sync.Mutex
	out    bytes.Buffer
	closed chan struct{}
	once   sync.Once
}

func (c *memoryConn) written() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.out.Bytes())
}

// Read, Write and Close implement [net.Conn].
func (c *memoryConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in.Read(p)
}

func (c *memoryConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(p)
}

func (c *memoryConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

func (*memoryConn) LocalAddr() net.Addr              { return memoryAddr{} }
func (*memoryConn) RemoteAddr() net.Addr             { return memoryAddr{} }
func (*memoryConn) SetDeadline(time.Time) error      { return nil }
func (*memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (*memoryConn) SetWriteDeadline(time.Time) error { return nil }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "tcp" }
func (memoryAddr) String() string  { return "192.0.2.7:40000" }
