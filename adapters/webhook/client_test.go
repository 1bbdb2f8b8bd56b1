package webhook_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"rekey/adapters/webhook"
	"rekey/core"
)

func TestWhichAddressesAreDialled(t *testing.T) {
	for text, want := range map[string]struct{ guarded, private bool }{
		"93.184.215.14": {true, true}, "2606:4700::1": {true, true},
		"127.0.0.1": {false, true}, "::1": {false, true}, "10.0.0.1": {false, true}, "172.16.0.1": {false, true}, "192.168.1.1": {false, true},
		"fd12::1": {false, true}, "100.64.0.1": {false, true}, "198.18.0.1": {false, true}, "240.0.0.1": {false, true}, "0.1.2.3": {false, true},
		"64:ff9b::a00:1": {false, true}, "2002:a00:1::": {false, true}, "::ffff:10.0.0.1": {false, true}, "::ffff:93.184.215.14": {true, true},
		"169.254.169.254": {false, false}, "::ffff:169.254.169.254": {false, false}, "fe80::1": {false, false}, "fd00:ec2::254": {false, false},
		"0.0.0.0": {false, false}, "::": {false, false}, "224.0.0.1": {false, false}, "ff02::1": {false, false}, "255.255.255.255": {false, true},
	} {
		addr := netip.MustParseAddr(text)
		if got := webhook.Allows(addr, false); got != want.guarded {
			t.Errorf("%s is dialled: %v", text, got)
		}
		if got := webhook.Allows(addr, true); got != want.private {
			t.Errorf("%s is dialled where private networks are allowed: %v", text, got)
		}
	}
}

// A name that leads to this machine is not followed, whatever it led to before,
// unless the operator allows it.
func TestANameThatLeadsInsideIsNotFollowed(t *testing.T) {
	e := listen(t, func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNoContent) })
	hidden := settings("http://hooks.acme.example/")
	hidden.AllowHTTP = true
	for _, allowed := range []bool{false, true} {
		hidden.AllowPrivate = allowed
		s, err := webhook.New(hidden, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		webhook.Resolve(s, strings.TrimPrefix(e.URL, "http://"))
		err = s.Handlers()[core.TellEndpoint](t.Context(), change)
		if allowed && err != nil || !allowed && (core.CodeOf(err) != core.Unavailable || !strings.Contains(err.Error(), "allow_private")) {
			t.Errorf("allowed %v: got %v", allowed, err)
		}
	}
	if len(e.requests()) != 1 {
		t.Errorf("asked %d times, want once", len(e.requests()))
	}
	if err := sender(t, settings(strings.Replace(e.URL, "127.0.0.1", "localhost", 1)))(t.Context(), change); err != nil {
		t.Errorf("localhost: %v", err)
	}
}

// What an endpoint is told is between it and us, whatever proxy the environment
// names: a proxy would be asked for the whole URL.
func TestNoProxyIsAsked(t *testing.T) {
	e := listen(t, nil)
	outside := settings("http://hooks.acme.example/hook")
	outside.AllowHTTP, outside.AllowPrivate = true, true
	s, err := webhook.New(outside, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	webhook.Resolve(s, strings.TrimPrefix(e.URL, "http://"))
	if err := s.Handlers()[core.TellEndpoint](t.Context(), change); err != nil || len(e.requests()) != 1 || e.requests()[0].target != "/hook" {
		t.Errorf("got %v, %+v", err, e.requests())
	}
}
