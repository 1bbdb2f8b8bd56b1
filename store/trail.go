package store

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"rekey/core"
)

// Trail implements [core.Store] with two queries: one finds where the window ends,
// and reads an index; the other what is meant in it.
func (db *DB) Trail(ctx context.Context, tenant core.TenantID, q core.Trail, limit, within int) ([]core.Event, core.EventID, error) {
	if limit <= 0 || within <= 0 || !storable(string(tenant), string(q.Account), string(q.After), string(q.Before)) {
		return nil, "", nil
	}
	var end core.EventID
	err := db.along(ctx, tenant, q, "").Select("id").Offset(within - 1).Limit(1).Scan(&end).Error
	if err != nil {
		return nil, "", classify(ctx, err)
	}
	if !storable(string(q.Action), q.Actor, q.Dialect) {
		return nil, end, nil
	}
	var rows []eventRow
	if err := meaning(db.along(ctx, tenant, q, end), q).Limit(limit).Find(&rows).Error; err != nil {
		return nil, "", classify(ctx, err)
	}
	events, err := eventsIn(ctx, rows)
	return events, end, err
}

// along has the tenant's events where q looks, in its order, as far as the end if
// there is one. There is one bound on a side: of two SQLite heeds the first, and
// reads all that lies before the second.
func (db *DB) along(ctx context.Context, tenant core.TenantID, q core.Trail, end core.EventID) *gorm.DB {
	find := db.read.WithContext(ctx).Model(&eventRow{}).Where("tenant = ?", tenant)
	if q.Account != "" {
		find = find.Clauses(clause.From{Tables: []clause.Table{{Name: db.dialect.eventsOfOne, Raw: true}}}).Where("account_id = ?", q.Account)
	}
	if q.Newest && end != "" {
		find = find.Where("id >= ?", end)
	} else {
		find = find.Where("id > ?", q.After)
	}
	switch {
	case !q.Newest && end != "":
		find = find.Where("id <= ?", end)
	case q.Before != "":
		find = find.Where("id < ?", q.Before)
	}
	return find.Order(map[bool]string{false: "id", true: "id DESC"}[q.Newest])
}

// meaning has those that q's filters mean.
func meaning(find *gorm.DB, q core.Trail) *gorm.DB {
	for column, wanted := range map[string]string{"action": string(q.Action), "actor": q.Actor, "dialect": q.Dialect} {
		if wanted != "" {
			find = find.Where(column+" = ?", wanted)
		}
	}
	if q.Outcome != nil {
		find = find.Where("outcome = ?", *q.Outcome)
	}
	return find
}
