package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

var _ core.Replays = (*DB)(nil)

// maxBeginTries bounds how often a request is asked for again that went away
// between being in the way and being read.
const maxBeginTries = 5

// BeginRequest implements [core.Replays]. Of any number at once one is the first: the
// row decides.
func (db *DB) BeginRequest(ctx context.Context, now time.Time, r core.Replay) (core.Replay, bool, error) {
	for range maxBeginTries {
		first, err := db.seize(ctx, now, r)
		if err != nil || first {
			return core.Replay{}, first, err
		}
		var rows []replayRow
		err = db.read.WithContext(ctx).Where("key = ? AND expires > ?", r.Key, now.UnixMicro()).Find(&rows).Error
		if err != nil {
			return core.Replay{}, false, classify(ctx, err)
		}
		if len(rows) > 0 {
			return rows[0].replay(), false, nil
		}
	}
	return core.Replay{}, false, &core.Error{Code: core.Unavailable, Err: errors.New("a request comes and goes")}
}

// seize stores the request, in place of one that has expired.
func (db *DB) seize(ctx context.Context, now time.Time, r core.Replay) (first bool, err error) {
	err = db.transact(ctx, func(tx *gorm.DB) error {
		stored := tx.Exec(`
			INSERT INTO replays (key, request, expires, answer) VALUES (@key, @request, @expires, '')
			ON CONFLICT (key) DO UPDATE SET request = excluded.request, expires = excluded.expires, answer = ''
			WHERE replays.expires <= @now`,
			map[string]any{"key": r.Key, "request": r.Request, "expires": r.Expires.UnixMicro(), "now": now.UnixMicro()})
		first = stored.RowsAffected == 1
		return stored.Error
	})
	return first && err == nil, err
}

// AnswerRequest implements [core.Replays].
func (db *DB) AnswerRequest(ctx context.Context, begun time.Time, r core.Replay) error {
	return db.persist(ctx, func(g *gorm.DB) error {
		return g.Model(&replayRow{}).Where("key = ? AND expires = ? AND answer = ''", r.Key, begun.UnixMicro()).
			Updates(map[string]any{"answer": r.Answer, "expires": r.Expires.UnixMicro()}).Error
	})
}

// ForgetRequest implements [core.Replays].
func (db *DB) ForgetRequest(ctx context.Context, begun time.Time, key string) error {
	return db.persist(ctx, func(g *gorm.DB) error {
		return g.Where("key = ? AND expires = ? AND answer = ''", key, begun.UnixMicro()).Delete(&replayRow{}).Error
	})
}

type replayRow struct {
	Key     string
	Request string
	Expires int64
	Answer  string
}

func (replayRow) TableName() string { return "replays" }

func (r replayRow) replay() core.Replay {
	return core.Replay{Key: r.Key, Request: r.Request, Expires: time.UnixMicro(r.Expires).UTC(), Answer: r.Answer}
}
