package store

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core"
)

// CreateAccount implements [core.Store].
func (db *DB) CreateAccount(ctx context.Context, a core.Account, e core.Event) error {
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		if err := insert(tx, accountRowOf(a), core.KeyID); err != nil {
			return err
		}
		for _, key := range inOrder(a.Keys()) {
			if err := claim(tx, a.Tenant, a.ID, key); err != nil {
				return err
			}
		}
		for i, h := range a.History {
			row := historyRow{string(a.Tenant), string(a.ID), a.Revision - int64(i), h.Hash, micro(h.SetAt)}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
		}
		if a.Factor == nil {
			return nil
		}
		return giveFactor(tx, a.Tenant, a.ID, *a.Factor)
	})
}

// SetDisabled implements [core.Store].
func (db *DB) SetDisabled(ctx context.Context, tenant core.TenantID, id core.AccountID, disabled bool, e core.Event) error {
	if !storable(string(tenant), string(id)) {
		return core.NotFound
	}
	set := map[string]any{"disabled": disabled}
	if disabled {
		set["tokens_valid_after"] = noEarlierThan(e.At)
	}
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		if err := touch(tx, tenant, id, maps.Clone(set)); err != nil || !disabled {
			return err
		}
		return endProofs(tx, tenant, id, e.At)
	})
}

// SetExternalID implements [core.Store].
func (db *DB) SetExternalID(ctx context.Context, tenant core.TenantID, id core.AccountID, key core.Key, e core.Event) error {
	switch {
	case slices.Contains([]string{core.KeyID, core.KeyLogin}, key.Kind):
		return core.Internal // it would take the account's names away
	case !storable(string(tenant), string(id)):
		return core.NotFound
	}
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		if err := touch(tx, tenant, id, map[string]any{}); err != nil {
			return err
		}
		r := tx.Where("tenant = ? AND account_id = ? AND kind = ?", tenant, id, key.Kind).Delete(&identifierRow{})
		if r.Error != nil || key.Value == "" {
			return r.Error
		}
		return claim(tx, tenant, id, key)
	})
}

// inOrder sorts keys: logins first, for their conflict is told first, and all
// in one order, so that accounts made at once never wait for each other in a
// circle.
func inOrder(keys []core.Key) []core.Key {
	rank := map[string]int{core.KeyLogin: -1}
	slices.SortFunc(keys, func(a, b core.Key) int {
		return cmp.Or(rank[a.Kind]-rank[b.Kind], cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Value, b.Value))
	})
	return keys
}

// claim gives the key to the account. Conflict if another has it.
func claim(tx *gorm.DB, tenant core.TenantID, id core.AccountID, key core.Key) error {
	return insert(tx, &identifierRow{string(tenant), key.Kind, key.Value, string(id)}, key.Kind)
}

// insert stores a row. Conflict over the field if there is one like it: told
// by the number of rows, because an error would end PostgreSQL's transaction.
func insert(tx *gorm.DB, row any, field string) error {
	r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(row)
	if r.Error == nil && r.RowsAffected != 1 {
		return conflict(field)
	}
	return r.Error
}
