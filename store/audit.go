package store

import (
	"context"
	"errors"
	"math/bits"
	"slices"
	"strings"

	"gorm.io/gorm"

	"rekey/core"
	"rekey/core/audit"
)

var _ audit.Trail = (*DB)(nil)

// Head implements [audit.Trail].
func (db *DB) Head(ctx context.Context) (audit.Anchor, error) {
	rows, err := db.texts(ctx, db.read.WithContext(ctx).Raw("SELECT seq, digest FROM seal_head WHERE id = 1"))
	switch {
	case err != nil:
		return audit.Anchor{}, err
	case len(rows) != 1:
		return audit.Anchor{}, &core.Error{Code: core.Internal, Err: errors.New("the trail has no head")}
	}
	digest, _ := audit.ParseDigest(rows[0][1]) // another text is no digest that a seal has
	return audit.Anchor{Seq: number(rows[0][0]), Digest: digest}, nil
}

// Seal implements [audit.Trail]. Who moves the head first seals; whoever else tries
// waits for that and finds the head elsewhere.
func (db *DB) Seal(ctx context.Context, s audit.Seal, rows []audit.Row) error {
	return db.transact(ctx, func(tx *gorm.DB) error {
		r := tx.Exec("UPDATE seal_head SET seq = ?, digest = ? WHERE id = 1 AND seq = ? AND digest = ?",
			s.Seq, s.Digest.String(), s.Seq-1, s.Prev.String())
		switch {
		case r.Error != nil:
			return r.Error
		case r.RowsAffected != 1:
			return core.Conflict
		}
		if err := tx.Create(sealRowOf(s)).Error; err != nil {
			return err
		}
		keys, args := keysOf(rows)
		r = tx.Exec("UPDATE events SET batch = ? WHERE batch IS NULL AND (tenant, id) IN (VALUES "+keys+")", append([]any{s.Seq}, args...)...)
		if r.Error == nil && r.RowsAffected != int64(len(rows)) {
			return &core.Error{Code: core.Internal, Err: errors.New("a row that was to be sealed is sealed already, malformed or gone")}
		}
		return r.Error
	})
}

// keysOf returns the keys of the rows as a list of values. The last one stands there
// several times: with any number of rows the statement has one of few lengths, for
// drivers keep it.
func keysOf(rows []audit.Row) (list string, args []any) {
	n := 1 << bits.Len(uint(len(rows)-1))
	for i := range n {
		r := rows[min(i, len(rows)-1)]
		args = append(args, r.Tenant, r.ID)
	}
	return strings.TrimSuffix(strings.Repeat("(?, ?), ", n), ", "), args
}

// Seals implements [audit.Trail].
func (db *DB) Seals(ctx context.Context, after int64, limit int) ([]audit.Seal, error) {
	rows, err := db.texts(ctx, db.read.WithContext(ctx).Model(&sealRow{}).Where("seq > ?", after).Order("seq").Limit(max(0, limit)))
	if err != nil {
		return nil, err
	}
	var seals []audit.Seal
	for _, row := range rows {
		seals = append(seals, sealOf(row))
	}
	return seals, nil
}

// Sealed implements [audit.Trail].
func (db *DB) Sealed(ctx context.Context, after audit.Place, limit int) ([]audit.Row, error) {
	return db.rows(ctx, func(q *gorm.DB) *gorm.DB {
		return q.Where("batch IS NOT NULL AND (batch, tenant, id) > (?, ?, ?)", after.Batch, after.Tenant, after.ID).
			Order("batch, tenant, id").Limit(max(0, limit))
	})
}

// Unsealed implements [audit.Trail].
func (db *DB) Unsealed(ctx context.Context, after audit.Row, limit int) ([]audit.Row, error) {
	return db.rows(ctx, func(q *gorm.DB) *gorm.DB {
		return follow(q, after).Where("batch IS NULL").Order("at, tenant, id").Limit(max(0, limit))
	})
}

// Rows implements [audit.Trail].
func (db *DB) Rows(ctx context.Context, f audit.Filter, after audit.Row, limit int) ([]audit.Row, error) {
	if !askable(f) {
		return nil, nil
	}
	return db.rows(ctx, func(q *gorm.DB) *gorm.DB {
		return db.admit(follow(q, after), f).Order("at, tenant, id").Limit(max(0, limit))
	})
}

// Latest implements [audit.Trail].
func (db *DB) Latest(ctx context.Context, f audit.Filter, limit int) ([]audit.Row, error) {
	if !askable(f) {
		return nil, nil
	}
	rows, err := db.rows(ctx, func(q *gorm.DB) *gorm.DB {
		return db.admit(q, f).Order("at DESC, tenant DESC, id DESC").Limit(max(0, limit))
	})
	slices.Reverse(rows)
	return rows, err
}

// askable reports whether there can be rows that the filter admits.
func askable(f audit.Filter) bool {
	texts := []string{string(f.Account), f.Dialect}
	if f.Tenant != nil {
		texts = append(texts, string(*f.Tenant))
	}
	return storable(texts...) && storable(f.Actions...) && storable(f.Outcomes...)
}

// follow has the rows that come after one by their time.
func follow(q *gorm.DB, after audit.Row) *gorm.DB {
	if after.At == "" {
		return q
	}
	at, err := audit.Time(after.At)
	if err != nil {
		_ = q.AddError(&core.Error{Code: core.Internal, Err: err})
		return q
	}
	return q.Where("at >= ? AND (at, tenant, id) > (?, ?, ?)", at, at, after.Tenant, after.ID)
}

// admit has the rows that the filter admits.
func (db *DB) admit(q *gorm.DB, f audit.Filter) *gorm.DB {
	if f.Tenant != nil {
		q = q.Where(db.dialect.tenantInTime, *f.Tenant)
	}
	if f.Account != "" {
		q = q.Where("account_id = ? AND account_id <> ''", f.Account) // in so many words, or the index is of no use
	}
	if f.Dialect != "" {
		q = q.Where("dialect = ?", f.Dialect)
	}
	if len(f.Actions) > 0 {
		q = q.Where("action IN ?", f.Actions)
	}
	if len(f.Outcomes) > 0 {
		q = q.Where("outcome IN ?", f.Outcomes)
	}
	if !f.Since.IsZero() {
		q = q.Where("at >= ?", f.Since.UTC())
	}
	if !f.Until.IsZero() {
		q = q.Where("at < ?", f.Until.UTC())
	}
	return q
}
