package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

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
func later(tx *gorm.DB, rows *int64) *gorm.DB {
	t := pipeOf(tx)
	if t == nil {
		return tx
	}
	tx = tx.Session(&gorm.Session{SkipHooks: true}) // there are none; it makes a statement of its own
	tx.Statement.ConnPool = waiting{t, rows}
	return tx
}

// arrive waits for the outcomes of what was left for later.
func arrive(tx *gorm.DB) error {
	if t := pipeOf(tx); t != nil {
		return t.send(t.ctx)
	}
	return nil
}

// pipeOf returns the transaction that tx is in, or nil if it sends one statement
// at a time.
func pipeOf(tx *gorm.DB) *pipe {
	switch on := tx.Statement.ConnPool.(type) {
	case *pipe:
		return on
	case waiting:
		return on.pipe
	}
	return nil
}

// send sends what waits, in one round trip, and waits for the outcomes. What
// follows a statement that fails is not done, now or later: if not even begin
// was, it would be done outside of the transaction.
func (t *pipe) send(ctx context.Context) error {
	if t.failed != nil || len(t.waiting) == 0 {
		return t.failed
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
	t.failed = t.Raw(func(c any) error {
		on := connectionOf(c).Conn.Conn()
		err := sendAll(ctx, on, all)
		if err == nil && warned(on.PgConn()) {
			return errLocal
		}
		return err
	})
	return t.failed
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
