package main

import (
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"rekey/config"
	"rekey/core"
	"rekey/store"
)

// A client can write any X-Forwarded-For. It is believed from a trusted proxy
// only, and of it what the last proxy that is not trusted wrote.
func TestTheClientsAddressIsTheConnectionsOrATrustedProxys(t *testing.T) {
	t.Parallel()
	const here, client = "127.0.0.1", "203.0.113.9"
	for name, c := range map[string]struct{ trusted, header, want string }{
		"nobody is trusted":       {"", client, here},
		"another is trusted":      {"10.0.0.0/8", client, here},
		"the proxy is trusted":    {"127.0.0.0/8", client, client},
		"a client adds its own":   {"127.0.0.1/32", "198.51.100.7, " + client, client},
		"two trusted proxies":     {"127.0.0.1/32,192.0.2.0/24", client + ", 192.0.2.4", client},
		"an address of version 6": {"127.0.0.1/32", "2001:db8::9", "2001:db8::9"},
		"no address":              {"127.0.0.1/32", "nonsense", here},
		"nothing":                 {"127.0.0.1/32", "", here},
	} {
		dsn := "sqlite:" + filepath.Join(t.TempDir(), "rekey.db")
		r := startDev(t, withDSN(dsn), func(cfg *config.Config) { cfg.Server.TrustedProxies = prefixes(c.trusted) })
		q := r.firstChange(zapDialect, 0, "A fresh sample staple 1").with("X-Forwarded-For", c.header).with("X-Real-Ip", "192.0.2.99")
		a := r.send(q)
		r.succeeds(zapDialect, a, name)
		r.eventually("the request is logged", func() bool { return len(r.logged("request")) == 1 })
		if got := r.logged("request")[0]["addr"]; got != c.want {
			t.Errorf("%s: the log has %v, want %v", name, got, c.want)
		}
		if got := lastEvent(t, dsn).Origin; got.Addr.String() != c.want || got.RequestID != a.header.Get("X-Request-Id") || got.Dialect != "zap" {
			t.Errorf("%s: the audit trail has %+v, want %s", name, got, c.want)
		}
	}
}

func prefixes(list string) []netip.Prefix {
	var all []netip.Prefix
	for text := range strings.SplitSeq(list, ",") {
		if text != "" {
			all = append(all, netip.MustParsePrefix(text))
		}
	}
	return all
}

// lastEvent returns the youngest event of the first tenant.
func lastEvent(t *testing.T, dsn string) core.Event {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	events, err := db.Events(t.Context(), devTenant, "", 1000)
	if err != nil || len(events) == 0 {
		t.Fatalf("no events: %v", err)
	}
	return events[len(events)-1]
}
