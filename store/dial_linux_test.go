package store

import (
	"net"
	"syscall"
	"testing"
)

// What is sent to a machine that is gone must arrive within silenceTimeout; the
// kernel alone would try for a quarter of an hour.
func TestConnectionsBoundTheSilenceOfTheirPeer(t *testing.T) {
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	conn, err := dialer().DialContext(t.Context(), "tcp", at.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for option, want := range map[int]int{tcpUserTimeout: 10_000, syscall.TCP_KEEPIDLE: 5, syscall.TCP_KEEPINTVL: 2, syscall.TCP_KEEPCNT: 3} {
		var got int
		failure := raw.Control(func(fd uintptr) { got, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, option) })
		if failure != nil || err != nil || got != want {
			t.Errorf("option %d: got %d, %v, %v, want %d", option, got, failure, err, want)
		}
	}
}
