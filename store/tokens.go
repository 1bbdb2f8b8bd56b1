package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core"
)

// Token implements [core.Store].
func (db *DB) Token(ctx context.Context, digest core.Digest) (core.ResetToken, error) {
	var rows []tokenRow
	if err := db.read.WithContext(ctx).Where("digest = ?", digest[:]).Find(&rows).Error; err != nil {
		return core.ResetToken{}, classify(ctx, err)
	}
	if len(rows) == 0 {
		return core.ResetToken{}, core.NotFound
	}
	return rows[0].token(), nil
}

// CreateToken implements [core.Store].
func (db *DB) CreateToken(ctx context.Context, t core.ResetToken, e core.Event) error {
	_, err := db.renew(ctx, t.Tenant, t.Account, e, func(tx *gorm.DB) error { return tx.Create(tokenRowOf(t)).Error })
	return err
}

// RevokeTokens implements [core.Store].
func (db *DB) RevokeTokens(ctx context.Context, tenant core.TenantID, id core.AccountID, e core.Event) (int, error) {
	return db.renew(ctx, tenant, id, e, func(*gorm.DB) error { return nil })
}

// renew supersedes the account's live tokens, and then does what comes in
// their place. It returns how many there were.
func (db *DB) renew(
	ctx context.Context, tenant core.TenantID, id core.AccountID, e core.Event, then func(tx *gorm.DB) error,
) (n int, err error) {
	if !storable(string(tenant), string(id)) {
		return 0, core.NotFound
	}
	err = db.commit(ctx, e, func(tx *gorm.DB) error {
		if err := hold(tx, tenant, id); err != nil {
			return err
		}
		superseded, err := supersede(tx, tenant, id, e.At)
		if err != nil {
			return err
		}
		n = superseded
		return then(tx)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// hold keeps everyone else from the account until the transaction ends, so
// that of two tokens issued at once the second supersedes the first. NotFound
// if the tenant has no such account. SQLite has one writer anyway.
func hold(tx *gorm.DB, tenant core.TenantID, id core.AccountID) error {
	var ids []string
	err := tx.Model(&accountRow{}).Clauses(clause.Locking{Strength: "NO KEY UPDATE"}).
		Where("tenant = ? AND id = ?", tenant, id).Pluck("id", &ids).Error
	if err == nil && len(ids) == 0 {
		return core.NotFound
	}
	return err
}

// supersede ends the account's tokens that are live at the given time and
// returns how many there were. The caller holds the account.
func supersede(tx *gorm.DB, tenant core.TenantID, id core.AccountID, at time.Time) (int, error) {
	r := tx.Exec(`
		UPDATE reset_tokens SET superseded_at = ?
		WHERE tenant = ? AND account_id = ? AND used_at IS NULL AND superseded_at IS NULL AND expires_at > ?`,
		micro(at), tenant, id, micro(at))
	return int(r.RowsAffected), r.Error
}
