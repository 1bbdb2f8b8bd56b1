package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"rekey/core"
)

// Record implements [core.Store].
func (db *DB) Record(ctx context.Context, e core.Event) error {
	return db.persist(ctx, func(g *gorm.DB) error { return recordEvent(g, e) })
}

func recordEvent(tx *gorm.DB, e core.Event) error {
	r := eventRowOf(e)
	return tx.Exec(`
		INSERT INTO events (tenant, id, at, account_id, action, proof, outcome, actor, dialect, addr, request_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Tenant, r.ID, r.At, r.AccountID, r.Action, r.Proof, r.Outcome, r.Actor, r.Dialect, r.Addr, r.RequestID).Error
}

// Events implements [core.Store].
func (db *DB) Events(ctx context.Context, tenant core.TenantID, after core.EventID, limit int) ([]core.Event, error) {
	if limit <= 0 || !storable(string(tenant), string(after)) {
		return nil, nil
	}
	var rows []eventRow
	err := db.read.WithContext(ctx).Where("tenant = ? AND id > ?", tenant, after).Order("id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, classify(ctx, err)
	}
	return eventsIn(ctx, rows)
}

func eventsIn(ctx context.Context, rows []eventRow) (events []core.Event, err error) {
	events = make([]core.Event, len(rows))
	for i, row := range rows {
		if events[i], err = row.event(); err != nil {
			return nil, classify(ctx, err)
		}
	}
	return events, nil
}

// Writable implements [core.Store] with a write that is committed: a standby,
// a full disk and a file that was made read-only all refuse it. When ctx ends
// before its turn, and others have written meanwhile, the database is busy and
// not broken.
func (db *DB) Writable(ctx context.Context) error {
	before := db.written.Load()
	err := db.beat(ctx)
	if err != nil && ctx.Err() != nil && db.written.Load() != before {
		return nil
	}
	return err
}

func (db *DB) beat(ctx context.Context) error {
	return db.persist(ctx, func(g *gorm.DB) error {
		r := g.Exec("UPDATE pulse SET beats = beats + 1 WHERE id = 1")
		if r.Error == nil && r.RowsAffected != 1 {
			return fmt.Errorf("pulse has %d rows", r.RowsAffected)
		}
		return r.Error
	})
}
