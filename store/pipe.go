package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
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
	begun   bool // whether anything was sent
	sending func(ctx context.Context, statements []string) (arrived func())
}

type queued struct {
	statement string
	args      []any
	rows      *int64 // is told how many rows were touched; may be nil
}

func (t *pipe) add(statement string, args []any, rows *int64) {
	t.waiting = append(t.waiting, queued{statement, args, rows})
}

// waiting is a pipe whose statements wait; rows is told how many rows they
// touched.
type waiting struct {
	*pipe
	rows *int64
}

// ExecContext implements [gorm.ConnPool].
func (w waiting) ExecContext(_ context.Context, statement string, args ...any) (sql.Result, error) {
	w.add(statement, args, w.rows)
	return driver.RowsAffected(0), nil
}

// later returns tx for a statement whose outcome is not looked at before the
// next one's, or arrive's. rows is told how many rows it touched, in addition to
// what the statement itself says: only one of the two is not 0. It may be nil.
//
//nolint:contextcheck // it is the transaction's own
func later(tx *gorm.DB, rows *int64) *gorm.DB {
	t, ok := tx.Statement.ConnPool.(*pipe)
	if !ok {
		return tx
	}
	tx = tx.Session(&gorm.Session{SkipHooks: true}) // there are none; it makes a statement of its own
	tx.Statement.ConnPool = waiting{t, rows}
	return tx
}

// arrive waits for the outcomes of what was left for later.
func arrive(tx *gorm.DB) error {
	if t, ok := tx.Statement.ConnPool.(*pipe); ok {
		return t.send(t.ctx)
	}
	return nil
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
// transaction is aborted, and so the query fails as well.
func (t *pipe) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = t.send(ctx)
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

// send sends what waits, in one round trip, and waits for the outcomes. What
// follows a statement that fails is not done.
func (t *pipe) send(ctx context.Context) error {
	if len(t.waiting) == 0 {
		return nil
	}
	all := t.waiting
	t.waiting, t.begun = nil, true
	if t.sending != nil {
		statements := make([]string, len(all))
		for i, one := range all {
			statements[i] = one.statement
		}
		defer t.sending(ctx, statements)()
	}
	return t.Raw(func(c any) error {
		on := connectionOf(c).Conn.Conn()
		err := sendAll(ctx, on, all)
		if err == nil && warned(on.PgConn()) {
			return errLocal
		}
		return err
	})
}

// connectionOf returns the connection below what [Options.OpenDB] put around it.
func connectionOf(c any) connection {
	for {
		around, ok := c.(interface{ Raw() driver.Conn })
		if !ok {
			return c.(connection)
		}
		c = around.Raw()
	}
}

func sendAll(ctx context.Context, on *pgx.Conn, all []queued) error {
	batch := &pgx.Batch{}
	for _, one := range all {
		batch.Queue(one.statement, one.args...)
	}
	results := on.SendBatch(ctx, batch)
	for _, one := range all {
		tag, err := results.Exec()
		switch {
		case err != nil:
			_ = results.Close() // says the same
			return err
		case one.statement == "commit" && tag.String() == "ROLLBACK":
			return errors.Join(pgx.ErrTxCommitRollback, results.Close())
		case one.rows != nil:
			*one.rows += tag.RowsAffected()
		}
	}
	return results.Close()
}
