package store_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"rekey/core"
)

// How often a change waits for PostgreSQL, which may be a network away. Whoever
// makes it more has a reason, and says so in core/DESIGN.md.
func TestAChangeTakesSoManyRoundTrips(t *testing.T) {
	for _, mode := range []string{"cache_statement", "exec"} { // the default, and pgbouncer's
		t.Run(mode, func(t *testing.T) { countTrips(t, mode) })
	}
}

func countTrips(t *testing.T, mode string) {
	dsn, trips := counted(t, migrated(t))
	dsn += "&default_query_exec_mode=" + mode
	db := open(t, dsn)
	service := core.New(core.Parts{
		Store: db, Hasher: instant{}, History: 5, TokenTTL: time.Hour, Now: time.Now, Random: rand.Reader,
		Outbox: db, Throttle: db, Attempts: db, Factors: db, Notices: true,
		Rules: core.AttemptRules{
			PerClient: core.Pace{Free: 9, First: time.Second, Most: time.Minute}, PerAccount: core.Pace{Free: 9, First: time.Second, Most: time.Minute},
			Stop: core.MaxStop, Client: core.Limit{Every: time.Second, Burst: 99}, Caller: core.Limit{Every: time.Second, Burst: 99},
		},
	})
	first := core.NewPassword("first")
	if _, err := service.CreateAccount(t.Context(), core.NewAccount{Tenant: "acme", Username: "ada", Email: "ada@acme.example", Password: &first}, core.Origin{}); err != nil {
		t.Fatal(err)
	}
	ada, current := core.Locator{Login: "ada"}, core.NewPassword("right")
	for _, c := range []struct {
		name  string
		proof func() core.Proof
		want  core.Code
		trips int64
	}{
		{"LicenseSpring", func() core.Proof { return core.Knowledge{Account: ada, Current: current} }, "", 5},
		{"ZAP", func() core.Proof {
			return core.Authority{Account: ada, Current: &current, Factor: core.Factor{Rule: core.FactorEnrolled}}
		}, "", 5},
		{"Unleash", func() core.Proof { return core.Possession{Token: issued(t, service, ada)} }, "", 5},
		{"a wrong password", func() core.Proof { return core.Knowledge{Account: ada, Current: core.NewPassword("wrong")} }, core.WrongPassword, 4},
		{"nobody", func() core.Proof { return core.Knowledge{Account: core.Locator{Login: "eve"}, Current: current} }, core.NotFound, 4},
		{"an unknown token", func() core.Proof { return core.Possession{Token: core.NewToken("none")} }, core.BadToken, 3},
	} {
		var seen int64
		for range 4 { // at first statements are prepared
			change := core.Change{Tenant: "acme", New: core.NewPassword("new " + rand.Text()), Proof: c.proof(), Caller: "key", Origin: core.Origin{Dialect: "d", Addr: netip.MustParseAddr("192.0.2.1")}}
			before := trips.Load()
			if _, err := service.Change(t.Context(), change); err == nil && c.want != "" || err != nil && core.CodeOf(err) != c.want {
				t.Fatalf("%s: got %v, want %q", c.name, err, c.want)
			}
			seen = trips.Load() - before
		}
		if seen != c.trips {
			t.Errorf("%s: got %d round trips, want %d", c.name, seen, c.trips)
		}
	}
}

func issued(t *testing.T, s *core.Service, who core.Locator) core.Token {
	t.Helper()
	token, _, err := s.IssueToken(t.Context(), "acme", who, "test", core.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// instant derives nothing, and knows one password.
type instant struct{}

func (instant) Hash(_ context.Context, p core.Password) (string, error) {
	return "$instant$" + p.Reveal(), nil
}

func (instant) HashAhead(context.Context, core.Password) func() (string, error) { return nil }

func (instant) Verify(_ context.Context, p core.Password, _ string) (bool, error) {
	return p.Reveal() == "right", nil
}

func (instant) Derive(_ context.Context, p core.Password, setting string) (string, error) {
	return setting + "$" + p.Reveal(), nil
}

func (instant) Setting([]byte) string { return "$instant$salt" }

func (instant) Seat(ctx context.Context, _ bool) (context.Context, func(), error) {
	return ctx, func() {}, nil
}

// counted returns a DSN that leads to the same database through a proxy, which
// counts how often a client asks for an answer and waits for it.
func counted(t *testing.T, dsn string) (through string, trips *atomic.Int64) {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = proxy.Close() })
	trips = new(atomic.Int64)
	go func() {
		for {
			client, err := proxy.Accept()
			if err != nil {
				return
			}
			go relay(client, config, trips)
		}
	}()
	u := url.URL{Scheme: "postgres", User: url.User(config.User), Host: proxy.Addr().String(), Path: "/" + config.Database, RawQuery: "sslmode=disable"}
	if config.Password != "" {
		u.User = url.UserPassword(config.User, config.Password)
	}
	return u.String(), trips
}

// relay carries what both say. It ends when either does.
func relay(client net.Conn, config *pgx.ConnConfig, trips *atomic.Int64) {
	defer client.Close()
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	_ = messages(client, server, func(kind byte) {
		if kind == 'S' || kind == 'Q' { // Sync, and a simple query
			trips.Add(1)
		}
	})
}

// messages copies what a client says, and tells of each message: a byte for its
// kind, which the first has not, and four for its length.
// https://www.postgresql.org/docs/current/protocol-overview.html
func messages(from io.Reader, to io.Writer, tell func(kind byte)) error {
	for head := make([]byte, 4); ; head = make([]byte, 5) {
		if _, err := io.ReadFull(from, head); err != nil {
			return err
		}
		if len(head) == 5 {
			tell(head[0])
		}
		if _, err := to.Write(head); err != nil {
			return err
		}
		length := int64(binary.BigEndian.Uint32(head[len(head)-4:]))
		if _, err := io.CopyN(to, from, length-4); err != nil {
			return err
		}
	}
}

var _ core.Hasher = instant{}

func (instant) Recognise(s core.Secret) (string, error) { return s.Reveal(), nil }
func (instant) Outdated(core.Password, string) bool     { return false }
