package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"rekey/core"
)

// classify gives err the one code that it leaves the package with. What the
// store itself has classified stays as it is.
func classify(ctx context.Context, err error) error {
	var code core.Code
	var known *core.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &code), errors.As(err, &known):
		return err
	case ctx.Err() != nil, broken(err):
		return &core.Error{Code: core.Unavailable, Err: err}
	}
	return &core.Error{Code: core.Internal, Err: err}
}

// broken reports whether err says that the database is down, busy, full or
// read-only, and not that we asked it nonsense.
func broken(err error) bool {
	var (
		postgres *pgconn.PgError
		file     *sqlite.Error
		connect  *pgconn.ConnectError
		network  net.Error
		path     *fs.PathError
	)
	switch {
	case errors.As(err, &connect), errors.As(err, &network), errors.As(err, &path):
		return true
	case errors.As(err, &postgres):
		return slices.ContainsFunc(brokenStates(), func(state string) bool { return strings.HasPrefix(postgres.Code, state) })
	case errors.As(err, &file):
		return slices.Contains(brokenCodes(), file.Code()&0xff) // without the extension
	}
	gone := []error{driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF}
	return pgconn.SafeToRetry(err) || slices.ContainsFunc(gone, func(target error) bool { return errors.Is(err, target) })
}

// brokenStates lists SQLSTATEs and their classes, the first two characters:
// https://www.postgresql.org/docs/current/errcodes-appendix.html.
func brokenStates() []string {
	return []string{
		"08",    // connection exception
		"25006", // read-only: a standby, or a full disk's emergency brake
		"28",    // the password was changed under us
		"40001", // serialization failure, again and again
		"40P01", // deadlock, again and again
		"53",    // insufficient resources: disk full, too many connections
		"55P03", // lock not available
		"57",    // operator intervention: shutdown, crash, statement timeout
		"58",    // system error: I/O
	}
}

// brokenCodes lists primary result codes: https://www.sqlite.org/rescode.html.
func brokenCodes() []int {
	return []int{
		sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM,
	}
}

// tries returns how often to try what failed with err: 6 times what PostgreSQL
// undid because of another transaction, 20 times, 5 s in all, what waited for
// SQLite's other processes. Neither has done anything.
func tries(err error) int {
	var postgres *pgconn.PgError
	var file *sqlite.Error
	switch {
	case errors.As(err, &postgres) && (postgres.Code == "40001" || postgres.Code == "40P01"):
		return 6
	case errors.As(err, &file) && file.Code()&0xff == sqlite3.SQLITE_BUSY:
		return 20
	}
	return 1
}

// duplicate reports whether err says that a row with such a key is there.
func duplicate(err error) bool {
	var postgres *pgconn.PgError
	var file *sqlite.Error
	switch {
	case errors.As(err, &postgres):
		return postgres.Code == "23505"
	case errors.As(err, &file):
		return file.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || file.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
	}
	return false
}

// readOnly reports whether the connection leads to a server that only reads.
func readOnly(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "25006"
}

func conflict(kind string) error {
	return &core.Error{Code: core.Conflict, Fields: []string{kind}}
}
