package store

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"gorm.io/gorm"

	"rekey/core"
)

var _ core.Intake = (*DB)(nil)

// Import implements [core.Intake]: the new accounts by a few statements for all
// of them, the known ones by a few for each.
func (db *DB) Import(ctx context.Context, tenant core.TenantID, arrivals []core.Arrival) error {
	fresh, known := parted(arrivals)
	for _, a := range arrivals {
		if a.Account.Tenant != tenant || a.Event.Tenant != tenant {
			return core.Internal // it would reach over the wall
		}
	}
	return db.transact(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(db.dialect.byIndex).Error; err != nil {
			return err
		}
		for _, a := range known {
			if err := renew(tx, a); err != nil {
				return err
			}
		}
		for _, t := range tablesOf(fresh, known) {
			if err := db.fill(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// fill inserts the rows of one table, all of them. That one is there is told by
// the error, which ends the transaction: to ask each row costs five times as much.
func (db *DB) fill(tx *gorm.DB, t table) error {
	if t.rows == 0 {
		return nil
	}
	err := db.dialect.insert(tx, t)
	if t.key != "" && duplicate(err) {
		return conflict(t.key)
	}
	return err
}

// parted returns the new accounts, and the known ones in the order of their
// ids, so that two imports never wait for each other.
func parted(arrivals []core.Arrival) (fresh, known []core.Arrival) {
	for _, a := range arrivals {
		if a.Was == 0 {
			fresh = append(fresh, a)
		} else {
			known = append(known, a)
		}
	}
	slices.SortFunc(known, func(a, b core.Arrival) int { return cmp.Compare(a.Account.ID, b.Account.ID) })
	return fresh, known
}

// renew writes a known account if its revision is still the one that was read.
// Its new keys are not its concern.
func renew(tx *gorm.DB, arrival core.Arrival) error {
	a := accountRowOf(arrival.Account)
	r := tx.Model(&accountRow{}).Where("tenant = ? AND id = ? AND revision = ?", a.Tenant, a.ID, arrival.Was).Updates(map[string]any{
		"username": a.Username, "email": a.Email, "name": a.Name, "attributes": a.Attributes.text(), "disabled": a.Disabled, "verifier": a.Verifier,
		"password_changed_at": a.PasswordChangedAt, "tokens_valid_after": a.TokensValidAfter, "revision": gorm.Expr("revision + 1"),
	})
	switch {
	case r.Error != nil:
		return r.Error
	case r.RowsAffected != 1:
		return core.Conflict
	case arrival.Ends:
		return endProofs(tx, arrival.Account.Tenant, arrival.Account.ID, arrival.Event.At)
	}
	return nil
}

// Named implements [core.Intake]: the ids first, of which a new account has none.
func (db *DB) Named(ctx context.Context, tenant core.TenantID, keys []core.Key) ([]core.Account, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	ids, err := db.idsOf(ctx, tenant, keys)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var rows []foundRow
	err = db.read.WithContext(ctx).Table("accounts a").Select(accountColumns+historyColumns).
		Joins(withFactor).Joins(withExternalIDs).Joins(withHistory).
		Where("a.tenant = ? AND a.id IN ?", tenant, ids).Order("a.id, h.position DESC").Scan(&rows).Error
	if err != nil {
		return nil, classify(ctx, err)
	}
	return fold(rows), nil
}

// idsOf returns the ids of the accounts that the keys name.
func (db *DB) idsOf(ctx context.Context, tenant core.TenantID, keys []core.Key) ([]string, error) {
	var pairs [][2]string
	var own []string
	for _, key := range keys {
		switch {
		case !storable(string(tenant), key.Kind, key.Value):
		case key.Kind == core.KeyID:
			own = append(own, key.Value)
		default:
			pairs = append(pairs, [2]string{key.Kind, key.Value})
		}
	}
	given, err := json.Marshal(pairs)
	if err != nil {
		return nil, classify(ctx, err)
	}
	var ids []string
	err = db.read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec(db.dialect.byIndex).Error; err != nil || len(pairs) == 0 {
			return err
		}
		return tx.Raw(db.dialect.named, string(given), tenant).Scan(&ids).Error
	})
	return append(ids, own...), classify(ctx, err)
}

// AccountsWhole implements [core.Intake] with one query.
func (db *DB) AccountsWhole(ctx context.Context, tenant core.TenantID, after core.AccountID, limit int) ([]core.Account, error) {
	if limit <= 0 || !storable(string(tenant), string(after)) {
		return nil, nil
	}
	page := db.read.Model(&accountRow{}).Where("tenant = ? AND id > ?", tenant, after).Order("id").Limit(limit)
	var rows []foundRow
	err := db.read.WithContext(ctx).Table("(?) a", page).Select(accountColumns+historyColumns).
		Joins(withFactor).Joins(withExternalIDs).Joins(withHistory).
		Where("a.tenant = ?", tenant).Order("a.id, h.position DESC").Scan(&rows).Error
	if err != nil {
		return nil, classify(ctx, err)
	}
	return fold(rows), nil
}

// Tenants implements [core.Intake] by one look at an index for each.
func (db *DB) Tenants(ctx context.Context) ([]core.TenantID, error) {
	var tenants []core.TenantID
	for last := ""; ; {
		var next []string
		err := db.read.WithContext(ctx).Model(&accountRow{}).Where("tenant > ?", last).Order("tenant").Limit(1).Pluck("tenant", &next).Error
		if err != nil || len(next) == 0 {
			return tenants, classify(ctx, err)
		}
		last = next[0]
		tenants = append(tenants, core.TenantID(last))
	}
}
