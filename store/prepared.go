package store

import (
	"context"
	"database/sql/driver"
)

// mostPrepared bounds the statements that one connection keeps: those of a change are
// some twenty, and each takes a few KiB.
const mostPrepared = 48

// prepared is a connection to SQLite that keeps the statements which it was asked
// last, parsed and planned: that is most of what a short one costs. SQLite plans them
// again by itself where the schema has changed. Like any connection it is one
// goroutine's at a time.
type prepared struct {
	sqliteConn
	kept map[string]*statement
	now  uint64 // grows with each use
}

// sqliteConn is what the driver's connections are.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// statement is one that is kept.
type statement struct {
	sqliteStatement
	used uint64 // when it was last
	busy bool   // its rows are being read: it can be asked again when they are closed
}

type sqliteStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// keep returns c with the statements that it will keep, or as it is if the driver's
// connections have become others.
func keep(c driver.Conn) driver.Conn {
	if able, ok := c.(sqliteConn); ok {
		return &prepared{sqliteConn: able, kept: map[string]*statement{}}
	}
	return c
}

// ExecContext implements [driver.ExecerContext].
func (c *prepared) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.ExecContext(ctx, args)
}

// QueryContext implements [driver.QueryerContext].
func (c *prepared) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	found, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return reading{found.(sqliteRows), s}, nil
}

// statement returns the statement of a query; nil if its rows are being read.
func (c *prepared) statement(ctx context.Context, query string) (*statement, error) {
	c.now++
	if s := c.kept[query]; s != nil {
		s.used = c.now
		if s.busy {
			return nil, nil //nolint:nilnil // the query is asked without it
		}
		return s, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{sqliteStatement: made.(sqliteStatement), used: c.now}
	c.makeRoom()
	c.kept[query] = s
	return s, nil
}

// makeRoom drops what was not used for longest, and is not in use.
func (c *prepared) makeRoom() {
	if len(c.kept) < mostPrepared {
		return
	}
	oldest := ""
	for query, s := range c.kept {
		if !s.busy && (oldest == "" || s.used < c.kept[oldest].used) {
			oldest = query
		}
	}
	if s := c.kept[oldest]; s != nil {
		_ = s.Close() // says again what its last use said
		delete(c.kept, oldest)
	}
}

// Close implements [driver.Conn].
func (c *prepared) Close() error {
	for _, s := range c.kept {
		_ = s.Close() // the connection does the same to what is left
	}
	clear(c.kept)
	return c.sqliteConn.Close()
}

// reading are the rows of a statement that is kept.
type reading struct {
	sqliteRows
	of *statement
}

type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// Close implements [driver.Rows].
func (r reading) Close() error {
	r.of.busy = false
	return r.sqliteRows.Close()
}
