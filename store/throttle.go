package store

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

var _ core.Throttle = (*DB)(nil)

// Take implements [core.Throttle] with the generic cell rate algorithm: of a
// limit only the instant is kept at which it is as if it had never been used.
// Every use moves that instant on by Every, and it may lie Burst times Every
// ahead at most. One statement asks and counts, so that no two callers see the
// same state.
func (db *DB) Take(ctx context.Context, now time.Time, limits ...core.Limit) (wait time.Duration, err error) {
	if len(limits) == 0 {
		return 0, nil
	}
	err = db.transact(ctx, func(tx *gorm.DB) error {
		wait = 0
		for _, l := range byKey(limits) {
			w, err := take(tx, now.UnixMicro(), l)
			if err != nil {
				return err
			}
			wait = max(wait, w)
		}
		if wait > 0 {
			return core.Throttled // nothing is counted
		}
		return nil
	})
	if errors.Is(err, core.Throttled) {
		return wait, nil
	}
	return 0, err
}

// byKey returns the limits by their keys, so that no two callers wait for each
// other.
func byKey(limits []core.Limit) []core.Limit {
	return slices.SortedStableFunc(slices.Values(limits), func(a, b core.Limit) int { return strings.Compare(a.Key, b.Key) })
}

// take counts one against the limit. If it is exhausted, it counts nothing and
// returns how long it will be.
func take(tx *gorm.DB, now int64, l core.Limit) (time.Duration, error) {
	_, ahead := pace(l)
	r := countLimit(tx, now, l)
	if r.Error != nil || r.RowsAffected == 1 {
		return 0, r.Error
	}
	var free int64
	err := tx.Raw("SELECT free FROM throttle WHERE key = ?", l.Key).Row().Scan(&free)
	return time.Duration(free-ahead-now) * time.Microsecond, err
}

// countLimit counts one against the limit, unless it is exhausted.
func countLimit(tx *gorm.DB, now int64, l core.Limit) *gorm.DB {
	every, ahead := pace(l)
	return tx.Exec(`
		INSERT INTO throttle (key, free) VALUES (@key, CAST(@now AS bigint) + CAST(@every AS bigint))
		ON CONFLICT (key) DO UPDATE
		SET free = CASE WHEN throttle.free > CAST(@now AS bigint) THEN throttle.free ELSE CAST(@now AS bigint) END + CAST(@every AS bigint)
		WHERE throttle.free <= CAST(@latest AS bigint)`,
		map[string]any{"key": l.Key, "now": now, "every": every, "latest": now + ahead})
}

// exceed counts one against each limit, also beyond it, in the order of their
// keys.
func exceed(tx *gorm.DB, now time.Time, limits []core.Limit) error {
	for _, l := range byKey(limits) {
		l.Burst = math.MaxInt
		if err := countLimit(later(tx, nil), now.UnixMicro(), l).Error; err != nil {
			return err
		}
	}
	return nil
}

// pace returns a limit in microseconds: how far one use moves it on, and how
// far ahead it may lie before one. It is bounded, so that no sum overflows.
func pace(l core.Limit) (every, ahead int64) {
	const ever = int64(100 * 365 * 24 * time.Hour / time.Microsecond)
	every = max(1, l.Every.Microseconds())
	return every, every * min(int64(max(1, l.Burst))-1, ever/every)
}

type limitRow struct {
	Key  string
	Free int64
}

func (limitRow) TableName() string { return "throttle" }
