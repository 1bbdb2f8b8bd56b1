package config

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Server is the section of the clients' listener.
type Server struct {
	// Address is where clients reach it, as host:port.
	Address string `key:"address"`
	// TLS has the certificate; without one the server speaks plain HTTP and TLS must end before it.
	TLS TLS `key:"tls"`
	// TrustedProxies are the networks whose X-Forwarded-For is believed. Empty: nobody's.
	TrustedProxies []netip.Prefix `key:"trusted_proxies"`
	// ReadTimeout is how long a client may take to send a request.
	ReadTimeout time.Duration `key:"read_timeout"`
	// WriteTimeout is how long a client may take to read the answer, from the end of the request's header.
	WriteTimeout time.Duration `key:"write_timeout"`
	// IdleTimeout is how long a connection may wait for its next request.
	IdleTimeout time.Duration `key:"idle_timeout"`
	// RequestTimeout is how long a request may wait for a worker and the database.
	RequestTimeout time.Duration `key:"request_timeout"`
	// MemoryLimit is what the collector keeps the process's memory to, in MiB. 0: enough for the derivations, and 64.
	MemoryLimit int `key:"memory_limit"`
	// DrainDelay is how long the server, no longer ready, still serves what comes, once it was told to stop.
	DrainDelay time.Duration `key:"drain_delay"`
	// DrainTimeout is how long changes in flight may take to finish then.
	DrainTimeout time.Duration `key:"drain_timeout"`
}

// TLS names the files of a certificate, in PEM.
type TLS struct {
	// Certificate is the file with the certificate and its chain.
	Certificate string `key:"certificate"`
	// Key is the file with the private key.
	Key string `key:"key"`
}

// Operations is the section of the operations listener.
type Operations struct {
	// Address is where /healthz and /readyz are served, as host:port. Empty: nowhere.
	Address string `key:"address"`
	// Socket is the file by which this user's commands reach the running server. SocketAuto chooses one by the name of the configuration's file; empty: there is none.
	Socket string `key:"socket"`
}

// SocketAuto lets the server choose its socket.
const SocketAuto = "auto"

// maxSocket bounds a socket's path in bytes: the least of what systems take, less
// what is put beside it while it is made.
const maxSocket = 80

func (o Operations) validate(report func(key, problem string)) {
	if o.Address != "" {
		checkAddress(report, "address", o.Address)
	}
	if o.Socket != "" && o.Socket != SocketAuto && (!filepath.IsAbs(o.Socket) || len(o.Socket) > maxSocket) {
		report("socket", "write auto, an absolute path of at most "+strconv.Itoa(maxSocket)+" bytes, or nothing for no socket")
	}
}

func defaultServer() Server {
	return Server{
		Address:     ":8080",
		ReadTimeout: 10 * time.Second, WriteTimeout: 40 * time.Second, IdleTimeout: 60 * time.Second,
		RequestTimeout: 20 * time.Second, DrainDelay: time.Second, DrainTimeout: 30 * time.Second,
	}
}

func (s Server) validate(report func(key, problem string)) {
	checkAddress(report, "address", s.Address)
	if (s.TLS.Certificate == "") != (s.TLS.Key == "") {
		report("tls", "set both certificate and key, or neither")
	}
	for key, file := range map[string]string{"tls.certificate": s.TLS.Certificate, "tls.key": s.TLS.Key} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			report(key, "name a file that can be read: "+err.Error())
		}
	}
	for key, d := range map[string]time.Duration{
		"read_timeout": s.ReadTimeout, "write_timeout": s.WriteTimeout, "idle_timeout": s.IdleTimeout,
		"request_timeout": s.RequestTimeout, "drain_timeout": s.DrainTimeout,
	} {
		if d <= 0 {
			report(key, "set a duration above 0, such as 10s")
		}
	}
	if s.MemoryLimit != 0 && (s.MemoryLimit < 64 || s.MemoryLimit > 1<<20) {
		report("memory_limit", "set 64 to 1048576 MiB, or 0")
	}
	if s.DrainDelay < 0 {
		report("drain_delay", "set 0s or a longer duration")
	}
	if s.WriteTimeout < s.ReadTimeout+s.RequestTimeout {
		report("write_timeout", "set at least read_timeout + request_timeout ("+(s.ReadTimeout+s.RequestTimeout).String()+
			"), or an answer may be cut off")
	}
}

func checkAddress(report func(key, problem string), key, address string) {
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		report(key, "write host:port, such as 127.0.0.1:8080 or :8080")
	}
}
