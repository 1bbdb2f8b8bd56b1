package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"testing"

	"gorm.io/gorm"
	"modernc.org/sqlite"

	"rekey/core"
)

// What the tests fuzz.

func SQLitePath(dsn string) (string, error) { return sqlitePath(dsn) }

// Texts returns what a column of texts is read back as.
func Texts(given map[string]string) (map[string]string, error) {
	var back texts
	value, err := texts(given).Value()
	if err == nil {
		err = back.Scan(value)
	}
	return back, err
}

// ScanTexts reads a column.
func ScanTexts(column string) error { return new(texts).Scan(column) }

// Watch tells f of every statement until stop is called.
func Watch(db *DB, f func(sql string, args []any)) (stop func()) {
	tell := func(g *gorm.DB) {
		if !g.DryRun { // as a part of another statement is
			f(g.Statement.SQL.String(), slices.Clone(g.Statement.Vars))
		}
	}
	pools := []*gorm.DB{db.write}
	if db.read != db.write {
		pools = append(pools, db.read)
	}
	var undo []func() error
	for _, g := range pools {
		c := g.Callback()
		for _, p := range []watchable{c.Create(), c.Query(), c.Update(), c.Delete(), c.Row(), c.Raw()} {
			if err := p.Register("watch", tell); err != nil {
				panic(err)
			}
			undo = append(undo, func() error { return p.Remove("watch") })
		}
	}
	return func() {
		for _, remove := range undo {
			_ = remove()
		}
	}
}

// watchable is a chain of gorm's callbacks.
type watchable interface {
	Register(name string, fn func(*gorm.DB)) error
	Remove(name string) error
}

// DropIdle closes every connection that nobody uses.
func DropIdle(db *DB) error {
	var errs []error
	for _, g := range []*gorm.DB{db.read, db.write} {
		pool, err := g.DB()
		if err == nil {
			pool.SetMaxIdleConns(-1)
			pool.SetMaxIdleConns(pool.Stats().MaxOpenConnections)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Transact runs write in one transaction, as every verb does.
func Transact(ctx context.Context, db *DB, write func(tx *gorm.DB) error) error {
	return db.transact(ctx, write)
}

// MostPrepared is how many statements a connection to SQLite keeps.
const MostPrepared = mostPrepared

// OpenFile opens a file of SQLite by connections that keep their statements.
func OpenFile(dsn string) *sql.DB { return sql.OpenDB(file{dsn, &sqlite.Driver{}}) }

// Kept returns the statements that the connection keeps.
func Kept(t testing.TB, on *sql.Conn) (queries []string) {
	t.Helper()
	err := on.Raw(func(c any) error {
		queries = slices.Collect(maps.Keys(c.(*prepared).kept))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return queries
}

// Later is how verbs leave a statement's outcome for later.
func Later(tx *gorm.DB, rows *int64) *gorm.DB { return later(tx, rows) }

// Arrive waits for what was left.
func Arrive(tx *gorm.DB) error { return arrive(tx) }

// SampleOf reads the facts of a sample, and FactsOf writes them.
func SampleOf(facts []byte) (core.Sample, bool) { return sampleOf(facts, words{}) }

func FactsOf(s core.Sample) (string, error) { return factsOf(s) }
