package store

import (
	"context"

	"gorm.io/gorm"

	"rekey/core"
)

// Search implements [core.Store] with one query. An account that is found by
// two keys is found by the first of them.
func (db *DB) Search(ctx context.Context, tenant core.TenantID, q core.Search, after string, limit int) ([]core.Account, error) {
	if limit <= 0 || !storable(string(tenant), q.Kind, q.Prefix, after) {
		return nil, nil
	}
	earlier := db.read.Table("identifiers y").Select("1").
		Where("y.tenant = ? AND y.account_id = i.account_id AND y.kind = ?", tenant, q.Kind).
		Where("y.value >= ? AND y.value < i.value", q.Prefix)
	page := db.read.Table("identifiers i").Select("i.account_id, i.value AS found_by").
		Where("i.tenant = ? AND i.kind = ? AND i.value >= ? AND i.value < ?", tenant, q.Kind, max(q.Prefix, after), q.Prefix+core.LastRune).
		Where("i.value > ? AND NOT EXISTS (?)", after, earlier).Order("i.value").Limit(limit)
	var rows []foundRow
	err := db.read.WithContext(ctx).Table("(?) p", page).Select(accountColumns).
		Joins("JOIN accounts a ON a.tenant = ? AND a.id = p.account_id", tenant).
		Joins(withFactor).Joins(withExternalIDs).Order("p.found_by").Scan(&rows).Error
	if err != nil {
		return nil, classify(ctx, err)
	}
	return fold(rows), nil
}

// EndSessions implements [core.Store].
func (db *DB) EndSessions(ctx context.Context, tenant core.TenantID, id core.AccountID, e core.Event) error {
	if !storable(string(tenant), string(id)) {
		return core.NotFound
	}
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		return touch(tx, tenant, id, map[string]any{"tokens_valid_after": noEarlierThan(e.At)})
	})
}

// Upgrade implements [core.Store].
func (db *DB) Upgrade(ctx context.Context, tenant core.TenantID, id core.AccountID, revision int64, verifier string, e core.Event) error {
	if !storable(string(tenant), string(id)) {
		return core.Conflict
	}
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		r := tx.Model(&accountRow{}).Where("tenant = ? AND id = ? AND revision = ?", tenant, id, revision).
			Updates(map[string]any{"verifier": verifier, "revision": gorm.Expr("revision + 1")})
		if r.Error == nil && r.RowsAffected != 1 {
			return core.Conflict
		}
		return r.Error
	})
}
