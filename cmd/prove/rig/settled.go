package rig

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// settledPatience is how long servers that were killed may still have work done.
const settledPatience = 30 * time.Second

// Settled waits until the database has done what servers asked for that were
// killed before the given time: PostgreSQL finishes a commit that was sent
// whole, also for a client that is gone.
func (d *Directory) Settled(ctx context.Context, felled time.Time) error {
	if _, is := d.SQL.Driver().(*stdlib.Driver); !is {
		return nil
	}
	const left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> $1 AND backend_start < $2"
	for deadline := time.Now().Add(settledPatience); time.Now().Before(deadline); {
		var n int
		if err := d.SQL.QueryRowContext(ctx, left, OnItsOwn, felled).Scan(&n); err != nil || n == 0 {
			return err
		}
		if err := Rest(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return errors.New("the connections of a server that was killed do not end")
}
