package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core"
)

var _ core.Deliveries = (*DB)(nil)

// first says that no earlier delivery of the account waits. It goes by the index
// deliveries_account.
const first = `(account_id = '' OR NOT EXISTS (
	SELECT 1 FROM deliveries AS earlier
	WHERE earlier.endpoint = deliveries.endpoint AND earlier.tenant = deliveries.tenant AND earlier.account_id = deliveries.account_id
	AND earlier.buried_at IS NULL AND earlier.place < deliveries.place))`

// ClaimDeliveries implements [core.Deliveries]. It claims as Claim does.
func (db *DB) ClaimDeliveries(ctx context.Context, endpoint string, now, until time.Time, limit int) ([]core.Message, error) {
	if limit <= 0 || !storable(endpoint) {
		return nil, nil
	}
	var messages []core.Message
	err := db.transact(ctx, func(tx *gorm.DB) error {
		var rows []deliveryRow
		err := tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).
			Where("endpoint = ? AND buried_at IS NULL AND due <= ?", endpoint, micro(now)).Where(first).
			Order("due, place").Limit(min(limit, maxClaim)).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		messages = nil
		var places []int64
		for _, row := range rows {
			row.Attempts++
			messages, places = append(messages, row.message()), append(places, row.Place)
		}
		return tx.Model(&deliveryRow{}).Where("place IN ?", places).
			Updates(map[string]any{"due": micro(until), "held": true, "attempts": gorm.Expr("attempts + 1")}).Error
	})
	if err != nil {
		return nil, err
	}
	return messages, nil
}

// FinishDelivery implements [core.Deliveries].
func (db *DB) FinishDelivery(ctx context.Context, id core.MessageID) error {
	if !storable(id) {
		return nil
	}
	return db.transact(ctx, func(tx *gorm.DB) error { return tx.Where("id = ?", id).Delete(&deliveryRow{}).Error })
}

// PostponeDelivery implements [core.Deliveries]. What waits behind it is moved as
// well, or every claim would look at all of it.
func (db *DB) PostponeDelivery(ctx context.Context, id core.MessageID, due time.Time, why string) error {
	return db.delivery(ctx, id, func(tx *gorm.DB, row deliveryRow) error {
		err := tx.Model(&deliveryRow{}).Where("place = ?", row.Place).
			Updates(map[string]any{"due": micro(due), "held": false, "why": legible(why)}).Error
		if err != nil || row.AccountID == "" {
			return err
		}
		return tx.Model(&deliveryRow{}).
			Where("endpoint = ? AND tenant = ? AND account_id = ? AND place > ?", row.Endpoint, row.Tenant, row.AccountID, row.Place).
			Where("buried_at IS NULL AND NOT held AND due < ?", micro(due)).
			Update("due", micro(due)).Error
	})
}

// BuryDelivery implements [core.Deliveries].
func (db *DB) BuryDelivery(ctx context.Context, id core.MessageID, at time.Time, why string) error {
	return db.delivery(ctx, id, func(tx *gorm.DB, row deliveryRow) error {
		return tx.Model(&deliveryRow{}).Where("place = ?", row.Place).
			Updates(map[string]any{"buried_at": micro(at), "held": false, "why": legible(why)}).Error
	})
}

// delivery writes to the delivery, if it is there and not buried.
func (db *DB) delivery(ctx context.Context, id core.MessageID, do func(tx *gorm.DB, row deliveryRow) error) error {
	if !storable(id) {
		return nil
	}
	return db.transact(ctx, func(tx *gorm.DB) error {
		var rows []deliveryRow
		err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ? AND buried_at IS NULL", id).Limit(1).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		return do(tx, rows[0])
	})
}

// Deliveries implements [core.Deliveries].
func (db *DB) Deliveries(ctx context.Context, s core.Selection, after int64, limit int) ([]core.Delivery, error) {
	if limit <= 0 || !storable(s.Endpoint, string(s.Tenant)) {
		return nil, nil
	}
	q := db.read.WithContext(ctx).Where("place > ?", after)
	if s.Endpoint != "" {
		q = q.Where("endpoint = ?", s.Endpoint)
	}
	if s.Tenant != "" {
		q = q.Where("tenant = ?", s.Tenant)
	}
	if s.Buried != nil {
		q = q.Where(fate(*s.Buried))
	} else if s.Tenant != "" { // each fate has an index by tenants
		q = q.Session(&gorm.Session{})
		either := func(buried bool) *gorm.DB {
			return db.read.Table("(?) AS d", q.Model(&deliveryRow{}).Where(fate(buried)).Order("place").Limit(limit))
		}
		q = db.read.WithContext(ctx).Table("(? UNION ALL ?) AS deliveries", either(false), either(true))
	}
	var rows []deliveryRow
	if err := q.Order("place").Limit(limit).Find(&rows).Error; err != nil {
		return nil, classify(ctx, err)
	}
	var found []core.Delivery
	for _, row := range rows {
		found = append(found, core.Delivery{Message: row.message(), Place: row.Place, Why: row.Why, BuriedAt: timeOf(row.BuriedAt)})
	}
	return found, nil
}

// fate says which deliveries are meant in the words of the indexes.
func fate(buried bool) string {
	if buried {
		return "buried_at IS NOT NULL"
	}
	return "buried_at IS NULL"
}

type deliveryRow struct {
	Place     int64 `gorm:"->;primaryKey"`
	ID        string
	Endpoint  string
	Tenant    string
	AccountID string
	Topic     string
	Facts     texts
	Due       time.Time
	Since     time.Time
	Attempts  int
	Held      bool
	Why       string
	BuriedAt  *time.Time
}

func (deliveryRow) TableName() string { return "deliveries" }

func deliveryRowOf(m core.Message) *deliveryRow {
	return &deliveryRow{
		ID: string(m.ID), Endpoint: m.Endpoint, Tenant: string(m.Tenant), AccountID: string(m.Account), Topic: string(m.Topic),
		Facts: m.Facts, Due: micro(m.Due), Since: micro(m.Since), Attempts: m.Attempts,
	}
}

func (r deliveryRow) message() core.Message {
	return core.Message{
		ID: core.MessageID(r.ID), Endpoint: r.Endpoint, Tenant: core.TenantID(r.Tenant), Account: core.AccountID(r.AccountID),
		Topic: core.Topic(r.Topic), Facts: r.Facts, Due: r.Due.UTC(), Since: r.Since.UTC(), Attempts: r.Attempts,
	}
}
