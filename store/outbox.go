package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core"
)

var _ core.Outbox = (*DB)(nil)

// maxClaim bounds one claim, whose ids are the parameters of one statement.
const maxClaim = 1000

// Enqueue implements [core.Outbox].
func (db *DB) Enqueue(ctx context.Context, e core.Event, messages ...core.Message) error {
	return db.commit(ctx, e, func(tx *gorm.DB) error { return enqueue(tx, messages) })
}

func enqueue(tx *gorm.DB, messages []core.Message) error {
	if len(messages) == 0 {
		return nil
	}
	var rows []*messageRow
	var deliveries []*deliveryRow
	for _, m := range messages {
		if m.Endpoint != "" {
			deliveries = append(deliveries, deliveryRowOf(m))
			continue
		}
		rows = append(rows, messageRowOf(m))
	}
	if len(deliveries) > 0 {
		if err := later(tx, nil).Create(deliveries).Error; err != nil || len(rows) == 0 {
			return err
		}
	}
	return later(tx, nil).Create(rows).Error
}

// Claim implements [core.Outbox]. In PostgreSQL claimers pass over what others
// are claiming and look again at what others have just claimed; SQLite has one
// writer.
func (db *DB) Claim(ctx context.Context, now, until time.Time, limit int) ([]core.Message, error) {
	if limit <= 0 {
		return nil, nil
	}
	var messages []core.Message
	err := db.transact(ctx, func(tx *gorm.DB) error {
		var rows []messageRow
		err := tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).
			Where("buried_at IS NULL AND due <= ?", micro(now)).
			Order("due, id").Limit(min(limit, maxClaim)).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		messages = nil
		var ids []string
		for _, row := range rows {
			row.Attempts++
			messages, ids = append(messages, row.message()), append(ids, row.ID)
		}
		return tx.Model(&messageRow{}).Where("id IN ?", ids).
			Updates(map[string]any{"due": micro(until), "attempts": gorm.Expr("attempts + 1")}).Error
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// Finish implements [core.Outbox].
func (db *DB) Finish(ctx context.Context, id core.MessageID) error {
	return db.message(ctx, id, func(q *gorm.DB) *gorm.DB { return q.Delete(&messageRow{}) })
}

// Postpone implements [core.Outbox].
func (db *DB) Postpone(ctx context.Context, id core.MessageID, due time.Time, why string) error {
	return db.message(ctx, id, func(q *gorm.DB) *gorm.DB {
		return q.Where("buried_at IS NULL").Updates(map[string]any{"due": micro(due), "why": legible(why)})
	})
}

// Bury implements [core.Outbox].
func (db *DB) Bury(ctx context.Context, id core.MessageID, at time.Time, why string) error {
	return db.message(ctx, id, func(q *gorm.DB) *gorm.DB {
		return q.Where("buried_at IS NULL").Updates(map[string]any{"buried_at": micro(at), "why": legible(why)})
	})
}

// message writes to the message, if it is there.
func (db *DB) message(ctx context.Context, id core.MessageID, do func(q *gorm.DB) *gorm.DB) error {
	if !storable(id) {
		return nil
	}
	return db.transact(ctx, func(tx *gorm.DB) error { return do(tx.Model(&messageRow{}).Where("id = ?", id)).Error })
}

type messageRow struct {
	ID        string
	Tenant    string
	AccountID string
	Topic     string
	Facts     texts
	Due       time.Time
	Attempts  int
	Why       string
	BuriedAt  *time.Time
}

func (messageRow) TableName() string { return "outbox" }

func messageRowOf(m core.Message) *messageRow {
	return &messageRow{
		ID: string(m.ID), Tenant: string(m.Tenant), AccountID: string(m.Account), Topic: string(m.Topic),
		Facts: m.Facts, Due: micro(m.Due), Attempts: m.Attempts,
	}
}

func (r messageRow) message() core.Message {
	return core.Message{
		ID: core.MessageID(r.ID), Tenant: core.TenantID(r.Tenant), Account: core.AccountID(r.AccountID), Topic: core.Topic(r.Topic),
		Facts: r.Facts, Due: r.Due.UTC(), Attempts: r.Attempts,
	}
}
