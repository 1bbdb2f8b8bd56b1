package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core"
)

var _ core.Samples = (*DB)(nil)

// PutSamples implements [core.Samples] with one statement.
func (db *DB) PutSamples(ctx context.Context, all []core.Sample) error {
	if len(all) == 0 {
		return nil
	}
	rows := make([]sampleRow, len(all))
	for i, s := range all {
		facts, err := factsOf(s)
		if err != nil {
			return &core.Error{Code: core.Internal, Err: err}
		}
		rows[i] = sampleRow{At: s.At.UnixMicro(), Replica: legible(s.Replica), Facts: facts}
	}
	again := clause.OnConflict{
		Columns: []clause.Column{{Name: "at"}, {Name: "replica"}}, DoUpdates: clause.AssignmentColumns([]string{"facts"}),
	}
	return db.persist(ctx, func(g *gorm.DB) error { return g.Clauses(again).Create(&rows).Error })
}

// Samples implements [core.Samples]. Of ten replicas a day has 14,400 rows, so they
// are read as they come.
func (db *DB) Samples(ctx context.Context, since, until time.Time) (all []core.Sample, err error) {
	rows, err := db.read.WithContext(ctx).Model(&sampleRow{}).Select("at", "replica", "facts").
		Where("at >= ? AND at < ?", since.UnixMicro(), until.UnixMicro()).Order("at, replica").Rows()
	if err != nil {
		return nil, classify(ctx, err)
	}
	defer func() { _ = rows.Close() }()
	names := words{}
	for rows.Next() {
		s, err := scanSample(rows, names)
		if err != nil {
			return nil, classify(ctx, err)
		}
		all = append(all, s)
	}
	return all, classify(ctx, rows.Err())
}

func scanSample(rows *sql.Rows, names words) (core.Sample, error) {
	var at int64
	var replica, facts sql.RawBytes
	if err := rows.Scan(&at, &replica, &facts); err != nil {
		return core.Sample{}, err
	}
	s, ok := sampleOf(facts, names)
	if !ok {
		return s, &core.Error{Code: core.Internal, Err: fmt.Errorf("the sample of %s at %d cannot be read", replica, at)}
	}
	s.Replica, s.At = names.word(replica), time.UnixMicro(at).UTC()
	return s, nil
}

type sampleRow struct {
	At      int64 `gorm:"autoCreateTime:false"`
	Replica string
	Facts   string
}

func (sampleRow) TableName() string { return "samples" }
