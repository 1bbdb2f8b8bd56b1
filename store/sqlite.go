package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	_ "modernc.org/sqlite" // the driver, in pure Go
)

// SQLite has one writer at a time, so one connection writes. Readers see the
// last commit and wait for nobody.
func connectSQLite(ctx context.Context, o Options) (*DB, error) {
	path, err := sqlitePath(o.DSN)
	if err != nil {
		return nil, err
	}
	if err := createPrivate(path); err != nil {
		return nil, err
	}
	var db DB
	if db.write, err = openSQLite(ctx, o, path, 1, "_txlock", "immediate"); err != nil {
		return nil, err
	}
	readers := max(2, runtime.GOMAXPROCS(0))
	if db.read, err = openSQLite(ctx, o, path, readers+1, "_pragma", "query_only(1)"); err != nil { // one is held
		return nil, errors.Join(err, db.Close())
	}
	pool, err := db.read.DB()
	if err == nil {
		db.place, err = newPlace(ctx, pool, path)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &db, nil
}

// sqlitePath returns the path of sqlite:PATH, sqlite://PATH or file:PATH.
// Parameters are refused: how the file is used is not a choice, and SQLite
// would take a misspelt one in silence.
func sqlitePath(dsn string) (string, error) {
	scheme, path, _ := strings.Cut(dsn, ":")
	path = strings.TrimPrefix(path, "//")
	if scheme == "file" && !strings.ContainsAny(path, "?#") {
		unescaped, err := url.PathUnescape(path)
		if err != nil {
			return "", badDSN("its path is not escaped as a URL's")
		}
		path = unescaped
	}
	switch {
	case path == "":
		return "", badDSN("it names no file")
	case strings.Contains(path, ":memory:"):
		return "", badDSN("a database in memory would have one for each connection")
	case strings.ContainsAny(path, "?#\x00"):
		return "", badDSN("a SQLite file takes no parameters")
	}
	return path, nil
}

// createPrivate makes the file if there is none: SQLite itself would let the
// whole machine read it. Its other files (-wal, -shm) get the same mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the operator names the file
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil // never opened here: closing it would drop SQLite's locks
	case err != nil:
		return err
	}
	return f.Close()
}

// openSQLite opens a pool of at most n connections. With synchronous(FULL) a
// commit that was acknowledged survives the loss of power. SQLite itself waits
// briefly for other processes, because it would not hear a context end.
func openSQLite(ctx context.Context, o Options, path string, n int, key, value string) (*gorm.DB, error) {
	query := url.Values{
		"_pragma":      {"busy_timeout(250)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"},
	}
	query.Add(key, value)
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
	bare, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	pool := o.open(file{dsn, bare.Driver()})
	_ = bare.Close() // it was for its driver, and has no connection
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	var g *gorm.DB
	err = patiently(func() error { return pool.PingContext(ctx) }) // not open: it closes a pool that fails
	if err == nil {
		g, err = open(sqlite.New(sqlite.Config{Conn: pool}))
	}
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return g, nil
}

// file makes connections to a file, which keep their statements prepared.
type file struct {
	dsn    string
	driver driver.Driver
}

// Connect implements [driver.Connector].
func (f file) Connect(context.Context) (driver.Conn, error) {
	c, err := f.driver.Open(f.dsn)
	if err != nil {
		return nil, err
	}
	return keep(c), nil
}

// Driver implements [driver.Connector].
func (f file) Driver() driver.Driver { return f.driver }
