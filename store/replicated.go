package store

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"rekey/core"
)

// errLocal says that a commit is on the primary's disk alone, though it was to
// be on a standby's too: somebody cancelled its waiting for that. It stands if
// the primary lives, and is undone if the standby takes over.
var errLocal = &core.Error{Code: core.Unavailable, Err: errors.New("the commit was not replicated")}

// connector makes connections that acknowledge no commit which PostgreSQL only
// warns of. https://www.postgresql.org/docs/current/warm-standby.html#SYNCHRONOUS-REPLICATION
type connector struct{ driver.Connector }

// Connect implements [driver.Connector].
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	pgx, ok := opened.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(errors.New("a connection of another driver"), opened.Close())
	}
	return connection{pgx}, nil
}

type connection struct{ *stdlib.Conn }

// ResetSession implements [driver.SessionResetter]. A connection that has
// rested is asked whether it lives. One that says nothing must not use up the
// time of the request that wants it, for the next one may be new.
func (c connection) ResetSession(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return c.Conn.ResetSession(ctx)
}

// BeginTx implements [driver.ConnBeginTx].
func (c connection) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return transaction{tx, c.Conn.Conn().PgConn()}, nil
}

// ExecContext implements [driver.ExecerContext]. Outside a transaction the
// statement is one.
func (c connection) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.Conn.ExecContext(ctx, query, args)
	if err == nil && warned(c.Conn.Conn().PgConn()) {
		return nil, errLocal
	}
	return result, err
}

type transaction struct {
	driver.Tx
	on *pgconn.PgConn
}

// Commit implements [driver.Tx].
func (t transaction) Commit() error {
	err := t.Tx.Commit()
	if err == nil && warned(t.on) {
		return errLocal
	}
	return err
}

// localKey is where a connection keeps that it was warned.
const localKey = "rekey.local"

// heed notes the warning that a commit was not replicated. It has no SQLSTATE
// of its own, and its text is in the server's language: its place in
// PostgreSQL's source is what tells it.
func heed(on *pgconn.PgConn, n *pgconn.Notice) {
	if n.File == "syncrep.c" && n.SeverityUnlocalized == "WARNING" {
		on.CustomData()[localKey] = true
	}
}

// warned reports whether the last commit was warned of, and forgets it.
func warned(on *pgconn.PgConn) bool {
	_, local := on.CustomData()[localKey]
	delete(on.CustomData(), localKey)
	return local
}
