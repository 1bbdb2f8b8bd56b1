package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core"
)

var _ core.Pruner = (*DB)(nil)

// pruned is where remnants of a kind lie. The column has an index.
type pruned struct {
	model  func() any
	keys   string // of a row
	since  string // the column that says since when it is one
	micros bool   // whether that is in microseconds since 1970
	only   string // which rows are remnants; "" if all are
}

func remnants() map[core.Remnant]pruned {
	return map[core.Remnant]pruned{
		core.PastEvents:     {func() any { return &eventRow{} }, "tenant, id", "at", false, "batch IS NULL"},
		core.DeadTokens:     {func() any { return &tokenRow{} }, "digest", "expires_at", false, ""},
		core.DeadCodes:      {func() any { return &codeRow{} }, "tenant, account_id, purpose", "expires_at", false, ""},
		core.BuriedMessages: {func() any { return &messageRow{} }, "id", "buried_at", false, ""},
		core.PastDeliveries: {func() any { return &deliveryRow{} }, "place", "since", false, ""},
		core.IdleLimits:     {func() any { return &limitRow{} }, "key", "free", true, ""},
		core.IdleAttempts:   {func() any { return &attemptRow{} }, "account, client", "last", true, ""},
		core.PastSessions:   {func() any { return &sessionRow{} }, "digest", "expires_at", false, ""},
		core.PastReplays:    {func() any { return &replayRow{} }, "key", "expires", true, ""},
		core.PastSamples:    {func() any { return &sampleRow{} }, "at, replica", "at", true, ""},
	}
}

// Prune implements [core.Pruner] with one statement.
func (db *DB) Prune(ctx context.Context, what core.Remnant, before time.Time, limit int) (n int, err error) {
	p, ok := remnants()[what]
	switch {
	case what == core.SealedEvents:
		return db.pruneBatches(ctx, before, limit)
	case !ok:
		return 0, &core.Error{Code: core.Internal, Err: fmt.Errorf("no such remnant: %q", what)}
	case limit <= 0:
		return 0, nil
	}
	var bound any = micro(before)
	if p.micros {
		bound = before.UnixMicro()
	}
	err = db.transact(ctx, func(tx *gorm.DB) error {
		past := tx.Model(p.model()).Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).
			Select(p.keys).Where(p.since+" < ?", bound).Where(p.only).Order(p.since).Limit(limit)
		r := tx.Where("("+p.keys+") IN (?)", past).Delete(p.model())
		n = int(r.RowsAffected)
		return r.Error
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}
