package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"rekey/core"
)

// Options say which database, and how many connections it may have.
type Options struct {
	// DSN is sqlite:PATH or a postgres:// URL, with several hosts and any
	// parameter that PostgreSQL knows. It may hold a password, which never
	// appears in an error.
	DSN string
	// MaxConns bounds the connections to PostgreSQL; 0 means 16. SQLite has
	// one connection that writes and a few that read.
	MaxConns int
	// OpenDB opens a pool of connections; nil means [sql.OpenDB]. It is for
	// who watches statements.
	OpenDB func(driver.Connector) *sql.DB
	// Sending is told of statements that are sent to PostgreSQL together, without
	// their values, and returns whom to tell that their outcomes are there; nil if
	// nobody watches. OpenDB's connections do not see them.
	Sending func(ctx context.Context, statements []string) (arrived func())
}

func (o Options) open(c driver.Connector) *sql.DB {
	if o.OpenDB == nil {
		return sql.OpenDB(c)
	}
	return o.OpenDB(c)
}

const defaultMaxConns = 16

// DB is a [core.Store] in a database. It is safe for concurrent use.
type DB struct {
	dialect dialect
	write   *gorm.DB
	read    *gorm.DB // the same as write in PostgreSQL
	place   *place   // of SQLite's files; nil in PostgreSQL

	written atomic.Uint64 // writes that succeeded
}

var _ core.Store = (*DB)(nil)

// ErrOutdated says that the database's schema is older than the program needs.
var ErrOutdated = errors.New("the database's schema is too old: run rekey migrate")

// Open connects to a database and looks whether its schema is new enough. A
// SQLite file is made if it does not exist, readable by its owner only, and
// brought up to date. Of PostgreSQL, [ErrOutdated] if [Migrate] has work to
// do. Invalid if the DSN cannot be understood, Unavailable if the database
// cannot be reached. The caller closes the DB.
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := db.ready(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func (db *DB) ready(ctx context.Context) error {
	if db.dialect.selfMigrating {
		return db.migrate(ctx, func(string) {})
	}
	pending, err := db.pending(ctx)
	if err == nil && len(pending) > 0 {
		return &core.Error{Code: core.Unavailable, Err: ErrOutdated}
	}
	return err
}

// Close closes every connection. Calls that are still running fail.
func (db *DB) Close() error {
	return errors.Join(db.place.close(), closePool(db.read), closePool(db.write))
}

func closePool(g *gorm.DB) error {
	if g == nil {
		return nil
	}
	pool, err := g.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// open hands a dialector to gorm. Transactions are ours, and nothing is
// logged: an error is logged once, where it is handled, and values never.
// gorm's own cache of prepared statements stays off: pgx has one that heeds
// the DSN's default_query_exec_mode (pgbouncer), and gorm's never ends its
// goroutine.
func open(d gorm.Dialector) (*gorm.DB, error) {
	return gorm.Open(d, &gorm.Config{
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
		QueryFields:            true, // never SELECT *: a migration adds columns under a running program
		Logger:                 logger.Discard,
		NowFunc:                func() time.Time { return time.Time{} }, // every time is the caller's
	})
}
