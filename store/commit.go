package store

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"rekey/core"
)

// commit runs write and stores e in one transaction. write may run again, so
// it may change nothing but the database before it succeeds.
func (db *DB) commit(ctx context.Context, e core.Event, write func(tx *gorm.DB) error) error {
	return db.transact(ctx, func(tx *gorm.DB) error {
		if err := write(tx); err != nil {
			return err
		}
		return recordEvent(later(tx, nil), e)
	})
}

// transact runs write in one transaction. write may run again, as in commit.
func (db *DB) transact(ctx context.Context, write func(tx *gorm.DB) error) error {
	return db.persist(ctx, func(g *gorm.DB) error {
		return g.Transaction(write, &sql.TxOptions{Isolation: db.dialect.isolation})
	})
}

// persist does what changes the database. It begins nothing, and acknowledges
// nothing, while the database's files are not where they were.
func (db *DB) persist(ctx context.Context, do func(g *gorm.DB) error) error {
	return db.settle(ctx, patiently(func() error {
		if err := db.place.kept(); err != nil {
			return err
		}
		if err := do(db.write.WithContext(ctx)); err != nil {
			return err
		}
		if err := db.place.kept(); err != nil {
			return err
		}
		db.written.Add(1)
		return nil
	}))
}

// patiently does what others may keep from being done, again and again: until
// it is done, was tried often enough, or fails for another reason, which the
// end of a context is.
func patiently(do func() error) error {
	for try := 1; ; try++ {
		if err := do(); err == nil || try >= tries(err) {
			return err
		}
	}
}

// settle classifies the error of a write. A server that only reads was the
// primary once: connections to it are given up, so that the next ones find
// the server that is the primary now.
func (db *DB) settle(ctx context.Context, err error) error {
	if readOnly(err) {
		if pool, err := db.write.DB(); err == nil {
			pool.SetMaxIdleConns(0)
			pool.SetMaxIdleConns(pool.Stats().MaxOpenConnections)
		}
	}
	return classify(ctx, err)
}

// storable reports whether every text can be in a database. PostgreSQL has no
// text with a NUL, nor malformed UTF-8, so nothing is named that way.
func storable[T ~string](texts ...T) bool {
	for _, text := range texts {
		if !utf8.ValidString(string(text)) || strings.ContainsRune(string(text), 0) {
			return false
		}
	}
	return true
}

// legible returns text with what cannot be stored replaced: what a client
// wrote into a header must not keep an event from being recorded.
func legible(text string) string {
	const replacement = "\uFFFD"
	return strings.ReplaceAll(strings.ToValidUTF8(text, replacement), "\x00", replacement)
}
