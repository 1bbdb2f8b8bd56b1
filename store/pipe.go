package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"gorm.io/gorm"
)

// pipes is a pool of connections to PostgreSQL whose transactions send
// statements together, where nobody looks at an outcome in between: a round trip
// costs more than most statements do.
type pipes struct {
	*sql.DB
	sending func(ctx context.Context, statements []string) (arrived func()) // see [Options]
}

var (
	_ gorm.ConnPoolBeginner = pipes{}
	_ gorm.GetDBConnector   = pipes{}
	_ gorm.Tx               = (*pipe)(nil)
)

// GetDBConn implements [gorm.GetDBConnector].
func (p pipes) GetDBConn() (*sql.DB, error) { return p.DB, nil }

// BeginTx implements [gorm.ConnPoolBeginner]. Nothing is sent yet.
func (p pipes) BeginTx(ctx context.Context, o *sql.TxOptions) (gorm.ConnPool, error) {
	conn, err := p.Conn(ctx)
	if err != nil {
		return nil, err
	}
	begin := "begin"
	if o != nil && o.Isolation != sql.LevelDefault {
		begin += " isolation level " + o.Isolation.String()
	}
	t := &pipe{Conn: conn, ctx: ctx, sending: p.sending}
	t.add(begin, nil, nil)
	return t, nil
}

// pipe is a transaction on its way: what waits to be sent, in its order.
type pipe struct {
	*sql.Conn
	ctx     context.Context //nolint:containedctx // of the transaction, as sql.Tx keeps it
	waiting []queued
	begun   bool  // whether anything was sent
	failed  error // what it will never commit because of
	sending func(ctx context.Context, statements []string) (arrived func())
}

// ExecContext implements [gorm.ConnPool].
func (t *pipe) ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	var n int64
	t.add(statement, args, &n)
	err := t.send(ctx)
	return driver.RowsAffected(n), err
}

// QueryContext implements [gorm.ConnPool].
func (t *pipe) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := t.send(ctx); err != nil {
		return nil, err
	}
	return t.Conn.QueryContext(ctx, query, args...)
}

// QueryRowContext implements [gorm.ConnPool]. If what waits fails, the
// transaction ends, and so the query fails as well.
func (t *pipe) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if t.send(ctx) != nil {
		_ = t.Rollback() //nolint:contextcheck // it has the transaction's
	}
	return t.Conn.QueryRowContext(ctx, query, args...)
}

// StmtContext implements [gorm.Tx]. Statements are prepared by pgx.
func (*pipe) StmtContext(_ context.Context, s *sql.Stmt) *sql.Stmt { return s }

// Commit implements [gorm.TxCommitter].
func (t *pipe) Commit() error {
	t.add("commit", nil, nil)
	err := t.send(t.ctx)
	if err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Close()
}

// rollbackPatience bounds how long a transaction is waited for that is given up.
const rollbackPatience = time.Second

// Rollback implements [gorm.TxCommitter]. A connection that does not answer is
// closed, which ends its transaction.
func (t *pipe) Rollback() error {
	t.waiting = nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), rollbackPatience)
	defer cancel()
	err := t.Raw(func(c any) error {
		on := connectionOf(c).Conn.Conn()
		if !t.begun || on.PgConn().TxStatus() == 'I' {
			return nil
		}
		if _, err := on.Exec(ctx, "rollback"); err != nil {
			return driver.ErrBadConn
		}
		return nil
	})
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil // it is closed
	}
	return errors.Join(err, t.Close())
}
