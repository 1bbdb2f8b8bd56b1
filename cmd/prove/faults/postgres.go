package faults

import (
	"context"
	"errors"
	"syscall"

	"github.com/jackc/pgx/v5"

	"rekey/cmd/prove/rig"
	"rekey/store/pgtest/cluster"
)

// database is the name of rekey's database in each cluster.
const database = "rekey"

// onPostgres lists the faults of PostgreSQL itself.
func onPostgres() []Fault {
	return []Fault{
		{"postgres disk full", postgresFull},
		{"postgres read-only", postgresReadOnly},
		{"postgres stopped", postgresEnded(func(c *cluster.Cluster) error { return c.Stop(syscall.SIGINT) })},
		{"postgres killed", postgresEnded((*cluster.Cluster).Kill)},
	}
}

// newCluster starts a PostgreSQL that keeps what it commits.
func (s *stage) newCluster(o cluster.Options) (*cluster.Cluster, error) {
	o.Durable = true
	c, err := cluster.New(o)
	if err != nil {
		return nil, err
	}
	s.atEnd(c.Remove)
	s.dsn = c.URL(database, nil)
	s.behind = func() error { return settled(c.URL(database, nil)) }
	return c, c.Create(database)
}

// postgresFull leaves no space for tables nor for the log ahead of them. When
// the log cannot grow PostgreSQL ends itself; healing is what its supervisor
// does then.
func postgresFull(s *stage) error {
	disk, err := s.smallDisk(128 << 20)
	if err != nil {
		return err
	}
	c, err := s.newCluster(cluster.Options{Folder: disk, Settings: "min_wal_size = 32MB\nmax_wal_size = 32MB\n"})
	if err != nil {
		return err
	}
	s.harm = func() error {
		err := fill(disk)
		for range 3 { // leave the segments that are there already
			_ = c.Execute(database, "SELECT pg_switch_wal()") // it may be gone by now
		}
		return err
	}
	s.heal = func() error {
		err := drain(disk)
		if c.Execute(database, "SELECT 1") != nil {
			_ = c.Stop(syscall.SIGQUIT) // if it has not ended
			err = errors.Join(err, c.Start())
		}
		return err
	}
	s.unready, s.refuses = true, true
	return nil
}

func postgresReadOnly(s *stage) error {
	c, err := s.newCluster(cluster.Options{})
	if err != nil {
		return err
	}
	turn := func(to string) func() error {
		return func() error {
			return errors.Join(
				c.Execute("postgres", "ALTER SYSTEM SET default_transaction_read_only = "+to),
				c.Execute("postgres", "SELECT pg_reload_conf()"))
		}
	}
	s.harm, s.heal = turn("on"), turn("off")
	s.unready, s.refuses = true, true
	return nil
}

func postgresEnded(end func(*cluster.Cluster) error) func(*stage) error {
	return func(s *stage) error {
		c, err := s.newCluster(cluster.Options{})
		if err != nil {
			return err
		}
		s.harm = func() error { return end(c) }
		s.heal = c.Start
		s.unready, s.refuses = true, true
		return nil
	}
}

// settled fails if rekey has more connections than it may, or if a transaction
// of its own stays open.
func settled(dsn string) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyPatience)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var connections, forgotten int
	err = conn.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s')
		FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> $1`, rig.OnItsOwn).
		Scan(&connections, &forgotten)
	switch {
	case err != nil:
		return err
	case connections > maxConnections:
		return errors.New("more connections than store.max_connections are open")
	case forgotten > 0:
		return errors.New("a transaction that nobody works in is open")
	}
	return nil
}
