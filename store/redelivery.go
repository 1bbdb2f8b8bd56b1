package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

// RetryDeliveries implements [core.Deliveries].
func (db *DB) RetryDeliveries(ctx context.Context, now time.Time, ids ...core.MessageID) (n int, err error) {
	if len(ids) == 0 || !storable(ids...) {
		return 0, nil
	}
	err = db.transact(ctx, func(tx *gorm.DB) error {
		n, err = retry(tx, now, ids)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// RetryDeliveriesOf implements [core.Deliveries].
func (db *DB) RetryDeliveriesOf(ctx context.Context, tenant core.TenantID, e core.Event, ids ...core.MessageID) (n int, err error) {
	if len(ids) == 0 || !storable(ids...) || !storable(string(tenant)) {
		return 0, core.NotFound
	}
	err = db.commit(ctx, e, func(tx *gorm.DB) error {
		n, err = retry(tx.Where("tenant = ?", tenant), e.At, ids)
		if err == nil && n == 0 {
			return core.NotFound
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// retry makes those of the deliveries due that tx chooses and nobody is trying.
func retry(tx *gorm.DB, now time.Time, ids []core.MessageID) (int, error) {
	r := tx.Model(&deliveryRow{}).Where("id IN ?", ids).
		Where("(buried_at IS NOT NULL OR NOT held OR due <= ?)", micro(now)).
		Updates(map[string]any{"due": micro(now), "since": micro(now), "attempts": 0, "held": false, "buried_at": nil})
	return int(r.RowsAffected), r.Error
}
