package store

import (
	"context"
	"encoding/json"
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
		facts, err := json.Marshal(factsOf(s))
		if err != nil {
			return &core.Error{Code: core.Internal, Err: fmt.Errorf("encode a sample: %w", err)}
		}
		rows[i] = sampleRow{At: s.At.UnixMicro(), Replica: legible(s.Replica), Facts: string(facts)}
	}
	again := clause.OnConflict{
		Columns: []clause.Column{{Name: "at"}, {Name: "replica"}}, DoUpdates: clause.AssignmentColumns([]string{"facts"}),
	}
	return db.persist(ctx, func(g *gorm.DB) error { return g.Clauses(again).Create(&rows).Error })
}

// Samples implements [core.Samples].
func (db *DB) Samples(ctx context.Context, since, until time.Time) ([]core.Sample, error) {
	var rows []sampleRow
	err := db.read.WithContext(ctx).Where("at >= ? AND at < ?", since.UnixMicro(), until.UnixMicro()).
		Order("at, replica").Find(&rows).Error
	if err != nil {
		return nil, classify(ctx, err)
	}
	all := make([]core.Sample, len(rows))
	for i, row := range rows {
		if all[i], err = row.sample(); err != nil {
			return nil, &core.Error{Code: core.Internal, Err: err}
		}
	}
	return all, nil
}

type sampleRow struct {
	At      int64 `gorm:"autoCreateTime:false"`
	Replica string
	Facts   string
}

func (sampleRow) TableName() string { return "samples" }

func (r sampleRow) sample() (core.Sample, error) {
	var f sampleFacts
	if err := json.Unmarshal([]byte(r.Facts), &f); err != nil {
		return core.Sample{}, fmt.Errorf("sample of %s: %w", r.Replica, err)
	}
	s := core.Sample{
		Replica: r.Replica, At: time.UnixMicro(r.At).UTC(),
		Derivations: core.Derivations{Workers: f.Derivations[0], Running: f.Derivations[1], Waiting: f.Derivations[2], Refused: f.Derivations[3]},
		Outbox:      f.Outbox.pending(), Deliveries: f.Deliveries.pending(),
	}
	if len(f.Changes) > 0 {
		s.Changes = make(map[string]core.Changes, len(f.Changes))
	}
	for dialect, n := range f.Changes {
		s.Changes[dialect] = core.Changes{Changed: n[0], Refused: n[1], Failed: n[2]}
	}
	for _, n := range f.Took {
		s.Took = append(s.Took, core.Bucket{Index: n[0], Count: n[1]})
	}
	return s, nil
}

// sampleFacts are the facts of a sample, in few bytes: there may be many.
type sampleFacts struct {
	Changes     map[string][3]int `json:"c,omitempty"` // changed, refused, failed
	Took        [][2]int          `json:"t,omitempty"` // index, count
	Derivations [4]int            `json:"d"`           // workers, running, waiting, refused
	Outbox      pendingFacts      `json:"o"`
	Deliveries  pendingFacts      `json:"w"`
}

// pendingFacts are waiting, dead, and the lag in microseconds.
type pendingFacts [3]int64

func factsOf(s core.Sample) sampleFacts {
	f := sampleFacts{Outbox: pendingFactsOf(s.Outbox), Deliveries: pendingFactsOf(s.Deliveries)}
	if len(s.Changes) > 0 {
		f.Changes = make(map[string][3]int, len(s.Changes))
	}
	for dialect, n := range s.Changes {
		f.Changes[dialect] = [3]int{n.Changed, n.Refused, n.Failed}
	}
	for _, b := range s.Took {
		f.Took = append(f.Took, [2]int{b.Index, b.Count})
	}
	d := s.Derivations
	f.Derivations = [4]int{d.Workers, d.Running, d.Waiting, d.Refused}
	return f
}

func pendingFactsOf(p core.Pending) pendingFacts {
	return pendingFacts{int64(p.Waiting), int64(p.Dead), p.Lag.Microseconds()}
}

func (f pendingFacts) pending() core.Pending {
	return core.Pending{Waiting: int(f[0]), Dead: int(f[1]), Lag: time.Duration(f[2]) * time.Microsecond}
}
