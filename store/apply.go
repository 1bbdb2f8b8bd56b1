package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

// Apply implements [core.Store]. The account's revision is asked and the token
// too: when it moved because somebody else spent the token, the answer is
// UsedToken.
func (db *DB) Apply(ctx context.Context, m core.Mutation) error {
	return db.commit(ctx, m.Event, func(tx *gorm.DB) error {
		current, err := change(tx, m)
		if err != nil {
			return err
		}
		unspent, err := spend(tx, m)
		switch {
		case err != nil:
			return err
		case !unspent:
			return core.UsedToken
		case !current:
			return core.Conflict
		}
		if err := spendFactor(tx, m); err != nil {
			return err
		}
		if err := endProofs(tx, m.Tenant, m.Account, m.ChangedAt); err != nil {
			return err
		}
		if err := remember(tx, m); err != nil {
			return err
		}
		if err := prove(tx, m.Proven); err != nil {
			return err
		}
		return enqueue(tx, m.Messages)
	})
}

// endProofs ends what would let its bearer change the password: the account's
// live tokens and its mailed codes. The caller holds the account.
func endProofs(tx *gorm.DB, tenant core.TenantID, id core.AccountID, at time.Time) error {
	if _, err := supersede(tx, tenant, id, at); err != nil {
		return err
	}
	return tx.Where("tenant = ? AND account_id = ?", tenant, id).Delete(&codeRow{}).Error
}

// change writes the account if its revision is still the one that was read.
func change(tx *gorm.DB, m core.Mutation) (current bool, err error) {
	if !storable(string(m.Tenant), string(m.Account)) {
		return false, nil
	}
	r := tx.Model(&accountRow{}).
		Where("tenant = ? AND id = ? AND revision = ?", m.Tenant, m.Account, m.Revision).
		Updates(map[string]any{
			"verifier":            m.Verifier,
			"history_salt":        m.HistorySalt,
			"revision":            gorm.Expr("revision + 1"),
			"password_changed_at": nullable(m.ChangedAt),
			"tokens_valid_after":  noEarlierThan(m.TokensValidAfter),
		})
	return r.RowsAffected == 1, r.Error
}

// spend marks the token as used if nobody did, and if nothing superseded it.
func spend(tx *gorm.DB, m core.Mutation) (unspent bool, err error) {
	switch {
	case m.Token == nil:
		return true, nil
	case !storable(string(m.Tenant), string(m.Account)):
		return false, nil
	}
	r := tx.Model(&tokenRow{}).
		Where("digest = ? AND tenant = ? AND account_id = ?", m.Token[:], m.Tenant, m.Account).
		Where("used_at IS NULL AND superseded_at IS NULL").
		Update("used_at", micro(m.ChangedAt))
	return r.RowsAffected == 1, r.Error
}

// remember adds the new history entry and drops the oldest ones. The entry's
// position is the account's new revision, so positions grow.
func remember(tx *gorm.DB, m core.Mutation) error {
	if m.Remember != nil {
		row := historyRow{string(m.Tenant), string(m.Account), m.Revision + 1, m.Remember.Hash, micro(m.Remember.SetAt)}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
	}
	entries := tx.Model(&historyRow{}).Where("tenant = ? AND account_id = ?", m.Tenant, m.Account)
	newestToGo := entries.Session(&gorm.Session{}).Select("position").
		Order("position DESC").Limit(1).Offset(max(0, m.KeepHistory))
	return tx.Where("tenant = ? AND account_id = ? AND position <= (?)", m.Tenant, m.Account, newestToGo).
		Delete(&historyRow{}).Error
}
