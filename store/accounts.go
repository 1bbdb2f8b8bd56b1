package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

// foundRow is an account with its factor, one of its external ids and one entry
// of its history: an account comes as one row for each pair of them, so that
// one query reads it whole and at one instant.
type foundRow struct {
	Account     accountRow `gorm:"embedded"`
	Sealed      *string
	LastStep    *int64
	Kind, Value *string
	Position    *int64
	Hash        *string
	SetAt       *time.Time
}

const (
	accountColumns = "a.id, a.tenant, a.username, a.email, a.name, a.attributes, a.disabled, a.verifier, a.history_salt, " +
		"a.revision, a.password_changed_at, a.tokens_valid_after, a.created_at, f.sealed, f.last_step, x.kind, x.value"
	historyColumns = ", h.position, h.hash, h.set_at"

	withFactor      = "LEFT JOIN factors f ON f.tenant = a.tenant AND f.account_id = a.id"
	withExternalIDs = "LEFT JOIN identifiers x ON x.tenant = a.tenant AND x.account_id = a.id AND x.kind <> 'login'"
	withHistory     = "LEFT JOIN history h ON h.tenant = a.tenant AND h.account_id = a.id"

	wholeAccount = "SELECT " + accountColumns + historyColumns + " FROM accounts a " + withFactor + " " + withExternalIDs + " " + withHistory + " WHERE a.tenant = ? AND a.id = "
	accountByID  = wholeAccount + "? ORDER BY h.position DESC"
	accountByKey = wholeAccount + "(SELECT account_id FROM identifiers WHERE tenant = ? AND kind = ? AND value = ?) ORDER BY h.position DESC"
)

// Account implements [core.Store] with one query.
func (db *DB) Account(ctx context.Context, tenant core.TenantID, key core.Key) (core.Account, error) {
	if !storable(string(tenant), key.Kind, key.Value) {
		return core.Account{}, core.NotFound
	}
	query, args := accountByKey, []any{tenant, tenant, key.Kind, key.Value}
	if key.Kind == core.KeyID {
		query, args = accountByID, []any{tenant, key.Value}
	}
	rows, err := foundRows(db.read.WithContext(ctx).Raw(query, args...))
	if err != nil {
		return core.Account{}, classify(ctx, err)
	}
	if len(rows) == 0 {
		return core.Account{}, core.NotFound
	}
	return fold(rows)[0], nil
}

// foundRows reads the rows of an account with its history. gorm would find out anew
// what each of them is made of.
func foundRows(q *gorm.DB) (all []foundRow, err error) {
	rows, err := q.Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r foundRow
		a := &r.Account
		err := rows.Scan(&a.ID, &a.Tenant, &a.Username, &a.Email, &a.Name, &a.Attributes, &a.Disabled, &a.Verifier, &a.HistorySalt,
			&a.Revision, &a.PasswordChangedAt, &a.TokensValidAfter, &a.CreatedAt, &r.Sealed, &r.LastStep, &r.Kind, &r.Value,
			&r.Position, &r.Hash, &r.SetAt)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// Find implements [core.Store] by one row of an index.
func (db *DB) Find(ctx context.Context, tenant core.TenantID, key core.Key) (core.AccountID, error) {
	if !storable(string(tenant), key.Kind, key.Value) {
		return "", core.NotFound
	}
	q := db.read.WithContext(ctx).Model(&identifierRow{}).Where("tenant = ? AND kind = ? AND value = ?", tenant, key.Kind, key.Value)
	column := "account_id"
	if key.Kind == core.KeyID {
		q, column = db.read.WithContext(ctx).Model(&accountRow{}).Where("tenant = ? AND id = ?", tenant, key.Value), "id"
	}
	var ids []core.AccountID
	err := q.Pluck(column, &ids).Error
	switch {
	case err != nil:
		return "", classify(ctx, err)
	case len(ids) == 0:
		return "", core.NotFound
	}
	return ids[0], nil
}

// Accounts implements [core.Store] with one query.
func (db *DB) Accounts(ctx context.Context, tenant core.TenantID, after core.AccountID, limit int) ([]core.Account, error) {
	if limit <= 0 || !storable(string(tenant), string(after)) {
		return nil, nil
	}
	page := db.read.Model(&accountRow{}).Where("tenant = ? AND id > ?", tenant, after).Order("id").Limit(limit)
	var rows []foundRow
	err := db.read.WithContext(ctx).Table("(?) a", page).Select(accountColumns).
		Joins(withFactor).Joins(withExternalIDs).Where("a.tenant = ?", tenant).Order("a.id").Scan(&rows).Error
	if err != nil {
		return nil, classify(ctx, err)
	}
	return fold(rows), nil
}

// fold makes accounts of the rows of each, which lie together.
func fold(rows []foundRow) []core.Account {
	var accounts []core.Account
	var a *core.Account
	var position int64
	for _, r := range rows {
		if a == nil || a.ID != core.AccountID(r.Account.ID) {
			accounts = append(accounts, r.Account.account())
			a = &accounts[len(accounts)-1]
			if r.Sealed != nil {
				a.Factor = &core.Enrolment{Sealed: *r.Sealed, LastStep: *r.LastStep}
			}
		}
		if r.Kind != nil {
			if a.ExternalIDs == nil {
				a.ExternalIDs = map[string]string{}
			}
			a.ExternalIDs[*r.Kind] = *r.Value
		}
		if r.Hash != nil && (len(a.History) == 0 || *r.Position != position) {
			a.History = append(a.History, core.HistoryEntry{Hash: *r.Hash, SetAt: r.SetAt.UTC()})
			position = *r.Position
		}
	}
	return accounts
}

// touch updates the account, which moves its revision and holds its row until
// the transaction ends. NotFound if the tenant has no such account.
func touch(tx *gorm.DB, tenant core.TenantID, id core.AccountID, set map[string]any) error {
	set["revision"] = gorm.Expr("revision + 1")
	r := tx.Model(&accountRow{}).Where("tenant = ? AND id = ?", tenant, id).Updates(set)
	if r.Error == nil && r.RowsAffected != 1 {
		return core.NotFound
	}
	return r.Error
}

// noEarlierThan returns what tokens_valid_after becomes: it never moves back.
func noEarlierThan(t time.Time) any {
	if t.IsZero() {
		return gorm.Expr("tokens_valid_after")
	}
	return gorm.Expr("CASE WHEN tokens_valid_after > ? THEN tokens_valid_after ELSE ? END", micro(t), micro(t))
}
