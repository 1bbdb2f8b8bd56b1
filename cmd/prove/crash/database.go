package crash

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"rekey/cmd/prove/rig"
	"rekey/store/pgtest/cluster"
)

// Store names the kind of database.
type Store string

// The closed set of kinds.
const (
	SQLite   Store = "sqlite"
	Postgres Store = "postgres"
)

// database is what an installation stores in.
type database struct {
	dsn     string           // empty for a file of the installation's own
	cluster *cluster.Cluster // nil for SQLite
	felled  time.Time        // when a server of ours was killed last
}

func (s Store) open() (*database, error) {
	switch s {
	case SQLite:
		return &database{}, nil
	case Postgres:
		c, err := cluster.New(cluster.Options{Durable: true})
		if err != nil {
			return nil, err
		}
		if err := c.Create("rekey"); err != nil {
			return nil, errors.Join(err, c.Remove())
		}
		return &database{dsn: c.URL("rekey", nil), cluster: c}, nil
	}
	return nil, fmt.Errorf("there is no store %q", s)
}

// mortal reports whether the database can be killed by itself.
func (d *database) mortal() bool { return d.cluster != nil }

func (d *database) close() error {
	if d.cluster == nil {
		return nil
	}
	return d.cluster.Remove()
}

// written returns when the database last wrote to its log, as exactly as the
// file system tells.
func (d *database) written(i *rig.Installation) (last time.Time) {
	pattern := filepath.Join(i.Dir, "rekey.db-wal")
	if d.cluster != nil {
		pattern = filepath.Join(d.cluster.WAL(), "0*")
	}
	logs, _ := filepath.Glob(pattern)
	for _, log := range logs {
		if info, err := os.Stat(log); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}
