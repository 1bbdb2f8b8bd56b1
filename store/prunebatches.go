package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core/audit"
)

// pruneBatches drops the events of whole batches, of which every event is older than
// the bound, until it has dropped as many as the limit or none are left. The seals
// stay.
func (db *DB) pruneBatches(ctx context.Context, before time.Time, limit int) (n int, err error) {
	if limit <= 0 {
		return 0, nil
	}
	bound := audit.Stamp(micro(before))
	err = db.transact(ctx, func(tx *gorm.DB) error {
		n = 0
		seqs, err := oldBatches(tx, bound, limit)
		if err != nil || len(seqs) == 0 {
			return err
		}
		r := tx.Where("batch IN ?", seqs).Delete(&eventRow{})
		if r.Error != nil {
			return r.Error
		}
		n = int(r.RowsAffected)
		return tx.Model(&sealRow{}).Where("seq IN ?", seqs).Updates(map[string]any{"pruned": bound, "leaves": []byte{}}).Error
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// oldBatches returns the oldest batches that nobody else is pruning, and holds them.
func oldBatches(tx *gorm.DB, bound string, limit int) (seqs []int64, err error) {
	var old []sealRow
	err = tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).Select("seq", "rows").
		Where("pruned = '' AND last < ?", bound).Order("last").Limit(limit).Find(&old).Error
	for rows := int64(0); len(old) > 0 && rows < int64(limit); old = old[1:] {
		seqs, rows = append(seqs, old[0].Seq), rows+old[0].Rows
	}
	return seqs, err
}
