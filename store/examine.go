package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// Facts is what a database says of itself.
type Facts struct {
	Product  string            // such as PostgreSQL 15.18
	Pending  []string          // the migrations that it lacks
	Now      time.Time         // by its own clock; zero for a file, which has none
	Standby  bool              // it takes no writes
	Used     int               // connections, of all that use the server
	Settings map[string]string // of PostgreSQL, those that decide what a commit is worth, and how many may connect
}

// Examine connects to a database whatever its schema, makes nothing and changes
// nothing. A SQLite file that does not exist is [os.ErrNotExist]. The caller closes
// the DB.
func Examine(ctx context.Context, o Options) (*DB, error) {
	if path, ok := FileOf(o.DSN); ok {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
	}
	return connect(ctx, o)
}

// FileOf returns the path of the SQLite file that a DSN names.
func FileOf(dsn string) (string, bool) {
	for _, scheme := range dialects()[0].schemes {
		if len(dsn) > len(scheme) && dsn[:len(scheme)] == scheme {
			path, err := sqlitePath(dsn)
			return path, err == nil
		}
	}
	return "", false
}

// Facts asks the database. What fails is Unavailable.
func (db *DB) Facts(ctx context.Context) (f Facts, err error) {
	if db.place != nil {
		err = db.read.WithContext(ctx).Raw("SELECT sqlite_version()").Row().Scan(&f.Product)
		f.Product = "SQLite " + f.Product
	} else {
		err = db.postgresFacts(ctx, &f)
	}
	if err != nil {
		return f, classify(ctx, err)
	}
	f.Pending, err = db.pending(ctx)
	return f, err
}

func (db *DB) postgresFacts(ctx context.Context, f *Facts) error {
	g := db.read.WithContext(ctx)
	err := g.Raw("SELECT current_setting('server_version'), clock_timestamp(), pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')").
		Row().Scan(&f.Product, &f.Now, &f.Standby, &f.Used)
	f.Product = "PostgreSQL " + f.Product
	rows, rowsErr := g.Raw("SELECT name, setting FROM pg_settings WHERE name IN ('synchronous_commit', 'fsync', 'full_page_writes', 'max_connections', 'superuser_reserved_connections')").Rows()
	if err = errors.Join(err, rowsErr); err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	f.Settings = map[string]string{}
	for rows.Next() {
		var name, setting string
		if err := rows.Scan(&name, &setting); err != nil {
			return fmt.Errorf("read settings: %w", err)
		}
		f.Settings[name] = setting
	}
	return rows.Err()
}
