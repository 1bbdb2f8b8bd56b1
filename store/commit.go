package store

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"rekey/core"
)

// maxTries bounds how often a transaction starts over that another one undid.
const maxTries = 3

// commit runs write and stores e in one transaction. write may run again, so
// it may change nothing but the database before it succeeds.
func (db *DB) commit(ctx context.Context, e core.Event, write func(tx *gorm.DB) error) error {
	whole := func(tx *gorm.DB) error {
		if err := write(tx); err != nil {
			return err
		}
		return tx.Create(eventRowOf(e)).Error
	}
	for try := 1; ; try++ {
		err := db.write.WithContext(ctx).Transaction(whole, &sql.TxOptions{Isolation: db.dialect.isolation})
		if err == nil || try == maxTries || !lostRace(err) {
			return db.settle(ctx, err)
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
