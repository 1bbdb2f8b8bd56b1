package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core"
)

var _ core.Factors = (*DB)(nil)

// Enrol implements [core.Factors].
func (db *DB) Enrol(ctx context.Context, tenant core.TenantID, id core.AccountID, factor core.Enrolment, e core.Event) error {
	if !storable(string(tenant), string(id)) {
		return core.NotFound
	}
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		if err := touch(tx, tenant, id, map[string]any{}); err != nil {
			return err
		}
		return giveFactor(tx, tenant, id, factor)
	})
}

// giveFactor puts the factor in place of any that the account has. The caller
// holds the account.
func giveFactor(tx *gorm.DB, tenant core.TenantID, id core.AccountID, factor core.Enrolment) error {
	r := tx.Where("tenant = ? AND account_id = ?", tenant, id).Delete(&factorRow{})
	if r.Error != nil || factor.Sealed == "" {
		return r.Error
	}
	return tx.Create(&factorRow{string(tenant), string(id), factor.Sealed, factor.LastStep}).Error
}

// PutCode implements [core.Factors].
func (db *DB) PutCode(ctx context.Context, code core.MailedCode, e core.Event) error {
	if !storable(string(code.Tenant), string(code.Account)) {
		return core.NotFound
	}
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		if err := hold(tx, code.Tenant, code.Account); err != nil {
			return err
		}
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "tenant"}, {Name: "account_id"}, {Name: "purpose"}},
			DoUpdates: clause.AssignmentColumns([]string{"digest", "expires_at", "tries"}),
		}).Create(codeRowOf(code)).Error
	})
}

// TryCode implements [core.Factors]. One statement asks and counts, so that no
// two callers spend the same try.
func (db *DB) TryCode(
	ctx context.Context, tenant core.TenantID, id core.AccountID, purpose string, now time.Time, maxTries int,
) (core.MailedCode, error) {
	if !storable(string(tenant), string(id), purpose) {
		return core.MailedCode{}, core.NotFound
	}
	var rows []codeRow
	err := db.transact(ctx, func(tx *gorm.DB) error {
		rows = nil
		return tx.Model(&rows).Clauses(clause.Returning{}).
			Where("tenant = ? AND account_id = ? AND purpose = ?", tenant, id, purpose).
			Where("tries < ? AND expires_at > ?", maxTries, micro(now)).
			Update("tries", gorm.Expr("tries + 1")).Error
	})
	switch {
	case err != nil:
		return core.MailedCode{}, err
	case len(rows) == 0:
		return core.MailedCode{}, core.NotFound
	}
	return rows[0].code(), nil
}

// spendStep marks the step of a time-based code as spent, if none so late was
// before.
func spendStep(tx *gorm.DB, m core.Mutation, rows *int64) error {
	if m.FactorStep == 0 {
		*rows = 1
		return nil
	}
	r := later(tx, rows).Model(&factorRow{}).
		Where("tenant = ? AND account_id = ? AND last_step < ?", m.Tenant, m.Account, m.FactorStep).
		Update("last_step", m.FactorStep)
	*rows += r.RowsAffected
	return r.Error
}

// spendCode drops the mailed code that the change spends, if it is still there.
func spendCode(tx *gorm.DB, m core.Mutation, rows *int64) error {
	switch {
	case m.Code == "":
		*rows = 1
		return nil
	case !storable(m.Code):
		return nil
	}
	r := later(tx, rows).Where("tenant = ? AND account_id = ? AND digest = ?", m.Tenant, m.Account, m.Code).Delete(&codeRow{})
	*rows += r.RowsAffected
	return r.Error
}

type factorRow struct {
	Tenant    string
	AccountID string
	Sealed    string
	LastStep  int64
}

type codeRow struct {
	Tenant    string
	AccountID string
	Purpose   string
	Digest    string
	ExpiresAt time.Time
	Tries     int
}

func (factorRow) TableName() string { return "factors" }
func (codeRow) TableName() string   { return "codes" }

func codeRowOf(c core.MailedCode) *codeRow {
	return &codeRow{
		Tenant: string(c.Tenant), AccountID: string(c.Account), Purpose: c.Purpose,
		Digest: c.Digest, ExpiresAt: micro(c.ExpiresAt),
	}
}

func (r codeRow) code() core.MailedCode {
	return core.MailedCode{
		Tenant: core.TenantID(r.Tenant), Account: core.AccountID(r.AccountID), Purpose: r.Purpose,
		Digest: r.Digest, ExpiresAt: r.ExpiresAt.UTC(),
	}
}
