package store

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"path"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var files embed.FS

// Migrate brings the schema up to date and reports the name of every
// migration that it applied, in order. Each is whole or not at all. Of several
// processes that migrate one database at once, one works and the others wait.
func Migrate(ctx context.Context, o Options, report func(name string)) error {
	return with(ctx, o, func(db *DB) error { return db.migrate(ctx, report) })
}

// Pending returns the names of the migrations that the database lacks, in
// order, and changes nothing. It is empty for a database that is newer than
// the program.
func Pending(ctx context.Context, o Options) (names []string, err error) {
	err = with(ctx, o, func(db *DB) error {
		names, err = db.pending(ctx)
		return err
	})
	return names, err
}

func with(ctx context.Context, o Options, do func(*DB) error) error {
	db, err := connect(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// pending only reads, so it works on a standby and for a role that may not
// create tables.
func (db *DB) pending(ctx context.Context) ([]string, error) {
	var version int64
	err := patiently(func() error {
		var versioned bool
		err := db.write.WithContext(ctx).Raw(db.dialect.versioned).Row().Scan(&versioned)
		if err == nil && versioned {
			err = db.write.WithContext(ctx).
				Raw("SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied").Row().Scan(&version)
		}
		return err
	})
	if err != nil {
		return nil, classify(ctx, err)
	}
	entries, err := files.ReadDir(db.dialect.migrations)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		n, err := goose.NumericComponent(entry.Name())
		if err != nil {
			return nil, err
		}
		if n > version {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// goose has no lock for SQLite: of two processes that start at once, one fails
// and finds the work done when it looks again, or begun.
const (
	migrateTries = 50
	migratePause = 50 * time.Millisecond
)

func (db *DB) migrate(ctx context.Context, report func(name string)) error {
	for try := 1; ; try++ {
		pending, err := db.pending(ctx)
		if err != nil || len(pending) == 0 {
			return err
		}
		err = db.up(ctx, report)
		if err == nil || !db.dialect.selfMigrating || try == migrateTries {
			return classify(ctx, err)
		}
		select {
		case <-ctx.Done():
			return classify(ctx, err)
		case <-time.After(migratePause):
		}
	}
}

func (db *DB) up(ctx context.Context, report func(name string)) error {
	provider, err := db.provider()
	if err != nil {
		return err
	}
	applied, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		applied = partial.Applied
	}
	for _, m := range applied {
		report(path.Base(m.Source.Path))
	}
	return err
}

func (db *DB) provider() (*goose.Provider, error) {
	folder, err := fs.Sub(files, db.dialect.migrations)
	if err != nil {
		return nil, err
	}
	pool, err := db.write.DB()
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{
		goose.WithLogger(goose.NopLogger()),
		goose.WithDisableGlobalRegistry(true),
	}
	if db.dialect.goose == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(db.dialect.goose, pool, folder, options...)
}
