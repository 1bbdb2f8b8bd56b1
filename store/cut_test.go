package store_test

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"rekey/core"
	"rekey/store"
)

// A connection is lost at every moment of a change: before something is sent,
// and after it was done, but before that is told.
func TestAConnectionLostAtAnyMomentLeavesAllOfAChangeOrNothing(t *testing.T) {
	for _, told := range []bool{false, true} {
		dsn := migrated(t)
		cut := newCuts(t, dsn)
		direct, db := open(t, dsn), alone(t, cut.dsn())
		committed := 0
		for n := 1; ; n++ {
			lost, done := loseAt(t, direct, db, cut, dsn, n, told)
			if !lost {
				break
			}
			if done {
				committed++
			}
			if n > 20 {
				t.Fatal("a change never gets through")
			}
		}
		if want := map[bool]int{false: 0, true: 1}[told]; committed != want {
			t.Errorf("delivered %t: got %d changes that were made without an answer, want %d", told, committed, want)
		}
	}
}

// loseAt cuts the connection at the n-th moment of a change, and says whether it
// took so long, and whether the change was made nevertheless.
func loseAt(t *testing.T, direct, db *store.DB, cut *cuts, dsn string, n int, delivered bool) (lost, done bool) {
	t.Helper()
	id := fmt.Sprint("ada-", n)
	ada := core.Account{ID: core.AccountID(id), Tenant: "acme", Username: id, Revision: 1, CreatedAt: time.Unix(1, 0)}
	if err := direct.CreateAccount(t.Context(), ada, core.Event{ID: core.EventID(id), Tenant: "acme", At: time.Unix(1, 0)}); err != nil {
		t.Fatal(err)
	}
	cut.at(n, delivered)
	err := db.Apply(t.Context(), core.Mutation{
		Tenant: "acme", Account: ada.ID, Revision: 1, ChangedAt: time.Unix(1, 0), Remember: &core.HistoryEntry{Hash: "h", SetAt: time.Unix(1, 0)}, KeepHistory: 5,
		Event: core.Event{ID: core.EventID(id + " changed"), Tenant: "acme", Account: ada.ID, At: time.Unix(1, 0)},
	})
	lost = cut.spare()
	want := core.Code("")
	if lost {
		want = core.Unavailable
	}
	if err == nil && lost || err != nil && core.CodeOf(err) != want {
		t.Errorf("moment %d, delivered %t: got %v, want %q", n, delivered, err, want)
	}
	var parts [3]int
	for i, query := range []string{
		"SELECT count(*) FROM accounts WHERE revision = 2 AND id = '%s'", "SELECT count(*) FROM history WHERE account_id = '%s'",
		"SELECT count(*) FROM events WHERE id = '%s changed'",
	} {
		parts[i] = number(t, dsn, fmt.Sprintf(query, id))
	}
	if done = parts[0] == 1; parts[1] != parts[0] || parts[2] != parts[0] || !lost && !done {
		t.Errorf("moment %d, delivered %t: the account, its history and its event: got %d, want all or none", n, delivered, parts)
	}
	usable(t, db, dsn)
	return lost, done
}

// cuts is a way to PostgreSQL that breaks when it is told to.
type cuts struct {
	address string
	config  *pgx.ConnConfig

	mu        sync.Mutex
	left      int // moments until it breaks; 0 means that it does not
	delivered bool
}

func newCuts(t *testing.T, dsn string) *cuts {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = at.Close() })
	c := &cuts{address: at.Addr().String(), config: config}
	go func() {
		for {
			client, err := at.Accept()
			if err != nil {
				return
			}
			go c.relay(client)
		}
	}()
	return c
}

func (c *cuts) dsn() string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(c.config.User, c.config.Password), Host: c.address, Path: "/" + c.config.Database, RawQuery: "sslmode=disable"}
	return u.String()
}

// at breaks the connection that asks for the n-th answer from now on: before
// the question is delivered, or before the answer.
func (c *cuts) at(n int, delivered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.delivered = n, delivered
}

// spare breaks nothing any more, and says whether it did.
func (c *cuts) spare() (broke bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	broke, c.left = c.left == 0, 0
	return broke
}

// due says whether this is the moment.
func (c *cuts) due() (now, delivered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == 0 {
		return false, false
	}
	c.left--
	return c.left == 0, c.delivered
}

func (c *cuts) relay(client net.Conn) {
	defer client.Close()
	network, address := pgconn.NetworkAddress(c.config.Host, c.config.Port)
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	answers := &answers{to: client}
	go func() {
		_, _ = io.Copy(answers, server)
		_ = client.Close()
	}()
	questions := &questions{to: server}
	_ = messages(client, questions, func(kind byte) {
		questions.hold = strings.ContainsRune("PBDEC", rune(kind))
		if kind != 'S' && kind != 'Q' { // Sync, and a simple query
			return
		}
		if now, delivered := c.due(); now && delivered {
			answers.lose()
		} else if now {
			_ = server.Close()
			_ = client.Close()
		}
	})
}

// questions holds back what the server would do before it is asked for an
// answer.
type questions struct {
	to   net.Conn
	hold bool // the message that is written
	held []byte
}

func (q *questions) Write(b []byte) (int, error) {
	q.held = append(q.held, b...)
	if q.hold {
		return len(b), nil
	}
	_, err := q.to.Write(q.held)
	q.held = nil
	return len(b), err
}

// answers carries answers until the next one is to be lost.
type answers struct {
	to   net.Conn
	mu   sync.Mutex
	lost bool
}

func (a *answers) lose() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lost = true
}

func (a *answers) Write(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lost {
		return 0, net.ErrClosed
	}
	return a.to.Write(b)
}
