package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

// Apply implements [core.Store]. The account's revision is asked and the token
// too: when it moved because somebody else spent the token, the answer is
// UsedToken.
func (db *DB) Apply(ctx context.Context, m core.Mutation) error {
	return db.commit(ctx, m.Event, func(tx *gorm.DB) error {
		if err := guard(tx, m); err != nil {
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

// guard writes what must not have been written since it was read. All of it is
// sent before any of it is judged, the account first, as everywhere.
func guard(tx *gorm.DB, m core.Mutation) error {
	if !storable(string(m.Tenant), string(m.Account)) {
		if m.Token != nil {
			return core.UsedToken
		}
		return core.Conflict
	}
	var current, unspent, step, code int64
	err := errors.Join(change(tx, m, &current), spend(tx, m, &unspent), spendStep(tx, m, &step), spendCode(tx, m, &code), arrive(tx))
	switch {
	case err != nil:
		return err
	case unspent != 1:
		return core.UsedToken
	case current != 1:
		return core.Conflict
	case step != 1, code < 1: // two purposes could share a digest
		return core.WrongFactor
	}
	return nil
}

// endProofs ends what would let its bearer change the password: the account's
// live tokens and its mailed codes. The caller holds the account.
func endProofs(tx *gorm.DB, tenant core.TenantID, id core.AccountID, at time.Time) error {
	if _, err := supersede(later(tx, nil), tenant, id, at); err != nil {
		return err
	}
	return later(tx, nil).Exec("DELETE FROM codes WHERE tenant = ? AND account_id = ?", tenant, id).Error
}

// change writes the account if its revision is still the one that was read.
func change(tx *gorm.DB, m core.Mutation, rows *int64) error {
	r := later(tx, rows).Exec(`
		UPDATE accounts SET verifier = ?, history_salt = ?, revision = revision + 1, password_changed_at = ?, tokens_valid_after = ?
		WHERE tenant = ? AND id = ? AND revision = ?`,
		m.Verifier, m.HistorySalt, nullable(m.ChangedAt), noEarlierThan(m.TokensValidAfter), m.Tenant, m.Account, m.Revision)
	*rows += r.RowsAffected
	return r.Error
}

// spend marks the token as used if nobody did, and if nothing superseded it.
func spend(tx *gorm.DB, m core.Mutation, rows *int64) error {
	if m.Token == nil {
		*rows = 1
		return nil
	}
	r := later(tx, rows).Exec(`
		UPDATE reset_tokens SET used_at = ?
		WHERE digest = ? AND tenant = ? AND account_id = ? AND used_at IS NULL AND superseded_at IS NULL`,
		micro(m.ChangedAt), m.Token[:], m.Tenant, m.Account)
	*rows += r.RowsAffected
	return r.Error
}

// remember adds the new history entry and drops the oldest ones. The entry's
// position is the account's new revision, so positions grow.
func remember(tx *gorm.DB, m core.Mutation) error {
	if m.Remember != nil {
		err := later(tx, nil).Exec("INSERT INTO history (tenant, account_id, position, hash, set_at) VALUES (?, ?, ?, ?, ?)",
			m.Tenant, m.Account, m.Revision+1, m.Remember.Hash, micro(m.Remember.SetAt)).Error
		if err != nil {
			return err
		}
	}
	return later(tx, nil).Exec(`
		DELETE FROM history WHERE tenant = ? AND account_id = ? AND position <= (
			SELECT position FROM history WHERE tenant = ? AND account_id = ? ORDER BY position DESC LIMIT 1 OFFSET ?)`,
		m.Tenant, m.Account, m.Tenant, m.Account, max(0, m.KeepHistory)).Error
}
