package store_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rekey/core"
	"rekey/core/leftout"
	"rekey/store"
	"rekey/store/pgtest/cluster"
)

// A commit that was to reach a standby, and of which somebody cancelled the
// waiting, may be undone by a failover: PostgreSQL says that it is done, and
// warns. It must not be acknowledged.
func TestACommitThatIsNotReplicatedIsUnavailable(t *testing.T) {
	c := throwaway(t, cluster.Options{Durable: true})
	dsn := c.URL("postgres", nil)
	if err := store.Migrate(t.Context(), store.Options{DSN: dsn}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	db := open(t, dsn)
	account := core.Account{ID: "1", Tenant: "acme", Username: "ada"}
	writes := map[string]func(core.EventID) error{
		"a transaction": func(id core.EventID) error {
			account.ID, account.Username = core.AccountID(id), string(id)
			return db.CreateAccount(t.Context(), account, core.Event{ID: id, Tenant: "acme", At: time.Unix(1, 0)})
		},
		"one statement": func(id core.EventID) error {
			return db.Record(t.Context(), core.Event{ID: id, Tenant: "acme", At: time.Unix(1, 0)})
		},
	}
	for name, write := range writes {
		replicate(t, c, "nobody") // so that commits wait
		ended := make(chan error, 1)
		go func() { ended <- write(core.EventID(name + " in vain")) }()
		cancelWaiting(t, c)
		if err := <-ended; core.CodeOf(err) != core.Unavailable {
			t.Errorf("%s: got %v, want unavailable", name, err)
		}
		replicate(t, c, "")
		if err := write(core.EventID(name)); err != nil {
			t.Errorf("%s, by the same connections, when nothing is to be replicated: %v", name, err)
		}
	}
}

func replicate(t *testing.T, c *cluster.Cluster, names string) {
	t.Helper()
	for _, statement := range []string{"ALTER SYSTEM SET synchronous_standby_names = '" + names + "'", "SELECT pg_reload_conf()"} {
		if err := c.Execute("postgres", statement); err != nil {
			t.Fatal(err)
		}
	}
	until(t, c, "SELECT current_setting('synchronous_standby_names') = '"+names+"'")
	if err := c.Execute("postgres", "CHECKPOINT"); err != nil { // by the process that turns waiting on
		t.Fatal(err)
	}
}

// cancelWaiting waits until a commit waits for a standby, and cancels that.
func cancelWaiting(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	until(t, c, "SELECT COALESCE(bool_or(pg_cancel_backend(pid)), false) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
}

// until asks new connections until the answer is yes.
func until(t *testing.T, c *cluster.Cluster, question string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := pgx.Connect(t.Context(), c.URL("postgres", nil))
		var yes bool
		if err == nil {
			err = errors.Join(conn.QueryRow(t.Context(), question).Scan(&yes), conn.Close(t.Context()))
		}
		if err == nil && yes {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: got %v, %v", question, yes, err)
		}
	}
}

// throwaway returns a cluster of the test's own.
func throwaway(t *testing.T, o cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.New(o)
	if errors.Is(err, cluster.ErrMissing) && os.Getenv("REKEY_TEST_REQUIRE_POSTGRES") != "1" {
		leftout.Skip(t, "PostgreSQL (Debian: apt-get install postgresql)")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// The machine of the first host is gone: nobody says so, packets get lost. The
// second host is found before a readiness check gives up, after 2 s.
func TestAHostThatVanishedIsPassedOver(t *testing.T) {
	c := throwaway(t, cluster.Options{TCP: true})
	u := url.URL{Scheme: "postgres", User: url.User("rekey"), Host: deaf(t) + "," + c.Address(), Path: "/postgres", RawQuery: "target_session_attrs=read-write"}
	if err := store.Migrate(t.Context(), store.Options{DSN: c.URL("postgres", nil)}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	db, err := store.Open(ctx, store.Options{DSN: u.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Writable(ctx); err != nil {
		t.Error(err)
	}
}

// Connections that rest in the pool die without a word. They do not use up the
// time of whoever wants one: it is asked whether it lives, and then there is a
// new one.
func TestConnectionsThatDiedInSilenceArePassedOver(t *testing.T) {
	c := throwaway(t, cluster.Options{TCP: true})
	wire, err := c.Wire()
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	if err := store.Migrate(t.Context(), store.Options{DSN: c.URL("postgres", nil)}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	db := open(t, "postgres://rekey@"+wire.Address()+"/postgres")
	var wg sync.WaitGroup
	for range 50 { // all of the pool's connections
		wg.Go(func() { _ = db.Writable(t.Context()) })
	}
	wg.Wait()
	wire.Silence()
	wire.Speak() // to those that connect from now on
	time.Sleep(1100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	begun := time.Now()
	if err := db.Writable(ctx); err != nil {
		t.Errorf("got %v after %v", err, time.Since(begun))
	}
}

// deaf returns an address that takes no connections and refuses none: its
// queue of them is full.
func deaf(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := errors.Join(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), syscall.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}).String()
	for range 16 {
		conn, err := net.DialTimeout("tcp", address, 200*time.Millisecond)
		if err != nil {
			return address
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Skip("this kernel's queues have no end")
	return ""
}
