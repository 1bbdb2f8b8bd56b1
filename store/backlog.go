package store

import (
	"context"
	"database/sql"
	"time"
)

// Backlog is what the outbox holds.
type Backlog struct {
	Waiting int       // messages that are not done, up to MaxBacklog
	Dead    int       // messages that were set aside, up to MaxBacklog
	Oldest  time.Time // since when the first of those that are due now is; zero if none is
}

// MaxBacklog is how far a backlog is counted, so that to look at a long one
// costs no more than to look at this.
const MaxBacklog = 100_000

// Backlog returns what the outbox holds at now.
func (db *DB) Backlog(ctx context.Context, now time.Time) (b Backlog, err error) {
	read := db.read.WithContext(ctx)
	var oldest []messageRow
	err = read.Select("id", "due").Where("buried_at IS NULL AND due <= ?", micro(now)).Order("due, id").Limit(1).Find(&oldest).Error
	if err != nil {
		return Backlog{}, classify(ctx, err)
	}
	if len(oldest) > 0 {
		b.Oldest = oldest[0].Due.UTC()
	}
	for into, which := range map[*int]string{&b.Waiting: "buried_at IS NULL AND due > ?", &b.Dead: "buried_at > ?"} {
		few := read.Model(&messageRow{}).Select("1").Where(which, time.Unix(0, 0).UTC()).Limit(MaxBacklog)
		if err := read.Table("(?) AS few", few).Select("count(*)").Scan(into).Error; err != nil {
			return Backlog{}, classify(ctx, err)
		}
	}
	return b, nil
}

// Pools returns the numbers of the database's pools of connections, by name:
// one pool for all, or one that reads and one that writes.
func (db *DB) Pools() map[string]sql.DBStats {
	pools := map[string]sql.DBStats{}
	if pool, err := db.write.DB(); err == nil {
		pools["write"] = pool.Stats()
	}
	if db.read == db.write {
		return map[string]sql.DBStats{"all": pools["write"]}
	}
	if pool, err := db.read.DB(); err == nil {
		pools["read"] = pool.Stats()
	}
	return pools
}
