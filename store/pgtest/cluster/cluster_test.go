package cluster_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"rekey/store/pgtest"
	"rekey/store/pgtest/cluster"
)

func made(t *testing.T, start func() (*cluster.Cluster, error)) *cluster.Cluster {
	t.Helper()
	pgtest.Binaries(t)
	c, err := start()
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

func durable(t *testing.T, o cluster.Options) *cluster.Cluster {
	o.Durable = true
	return made(t, func() (*cluster.Cluster, error) { return cluster.New(o) })
}

func TestADurableClusterKeepsWhatItCommitted(t *testing.T) {
	c := durable(t, cluster.Options{TCP: true})
	if err := errors.Join(c.Create("kept"), c.Execute("kept", "CREATE TABLE t (n integer)")); err != nil {
		t.Fatal(err)
	}
	for n, end := range []func() error{c.Kill, func() error { return c.Stop(syscall.SIGQUIT) }, func() error { return c.Stop(syscall.SIGINT) }} {
		if err := errors.Join(c.Execute("kept", "INSERT INTO t VALUES (1)"), end()); err != nil {
			t.Fatal(err)
		}
		if err := c.Execute("kept", "SELECT 1"); err == nil {
			t.Error("a server that was ended answers")
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if got := count(t, "postgres://rekey@"+c.Address()+"/kept"); got != n+1 {
			t.Errorf("got %d rows after %d inserts", got, n+1)
		}
	}
}

func TestAPromotedStandbyTakesWrites(t *testing.T) {
	first := durable(t, cluster.Options{})
	if err := first.Execute("postgres", "CREATE TABLE t (n integer)"); err != nil {
		t.Fatal(err)
	}
	second := made(t, func() (*cluster.Cluster, error) { return first.Standby("second", cluster.Options{Durable: true}) })
	if err := second.Execute("postgres", "INSERT INTO t VALUES (1)"); err == nil {
		t.Error("a standby takes writes")
	}
	synchronous := []string{"ALTER SYSTEM SET synchronous_standby_names = 'second'", "SELECT pg_reload_conf()", "INSERT INTO t VALUES (1)"}
	for _, statement := range synchronous {
		if err := first.Execute("postgres", statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(first.Kill(), second.Promote(), second.Execute("postgres", "INSERT INTO t VALUES (2)")); err != nil {
		t.Fatal(err)
	}
	if got := count(t, second.URL("postgres", url.Values{"options": {"-c synchronous_commit=off"}})); got != 2 {
		t.Errorf("got %d rows, want 2", got)
	}
}

func TestAKilledPrimaryFollowsTheNewOne(t *testing.T) {
	first := durable(t, cluster.Options{TCP: true})
	address := first.Address()
	second := made(t, func() (*cluster.Cluster, error) { return first.Standby("second", cluster.Options{Durable: true}) })
	if err := errors.Join(first.Kill(), second.Promote(), second.Execute("postgres", "CREATE TABLE t (n integer)")); err != nil {
		t.Fatal(err)
	}
	if err := first.Follow(second, "former", cluster.Options{Durable: true, TCP: true}); err != nil {
		t.Fatal(err)
	}
	if err := first.Execute("postgres", "INSERT INTO t VALUES (1)"); err == nil {
		t.Error("a standby takes writes")
	}
	synchronous := []string{"ALTER SYSTEM SET synchronous_standby_names = 'former'", "SELECT pg_reload_conf()", "INSERT INTO t VALUES (1)"}
	for _, statement := range synchronous {
		if err := second.Execute("postgres", statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(second.Kill(), first.Promote()); err != nil {
		t.Fatal(err)
	}
	if got := count(t, "postgres://rekey@"+address+"/postgres"); got != 1 {
		t.Errorf("got %d rows at its old address, want 1", got)
	}
}

func TestRemoveLeavesNothing(t *testing.T) {
	before, _ := filepath.Glob(filepath.Join(os.TempDir(), "rekey-pg-*"))
	t.Run("after a kill", func(t *testing.T) {
		if err := durable(t, cluster.Options{}).Kill(); err != nil {
			t.Fatal(err)
		}
	})
	after, _ := filepath.Glob(filepath.Join(os.TempDir(), "rekey-pg-*"))
	if len(after) != len(before) {
		t.Errorf("left: %q, before: %q", after, before)
	}
}

func count(t *testing.T, dsn string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
