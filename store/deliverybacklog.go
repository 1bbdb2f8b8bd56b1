package store

import (
	"context"
	"time"
)

// DeliveryBacklog is what one endpoint is still to be told.
type DeliveryBacklog struct {
	Endpoint string
	Waiting  int       // deliveries that are not done
	Dead     int       // deliveries that were set aside
	Oldest   time.Time // since when the first of those that wait does; zero if none does
}

// DeliveryBacklogs returns what endpoints are still to be told, in the order of
// their names. It looks at the MaxBacklog deliveries that are there for longest, so
// that a long backlog costs no more.
func (db *DB) DeliveryBacklogs(ctx context.Context) ([]DeliveryBacklog, error) {
	read := db.read.WithContext(ctx)
	few := read.Model(&deliveryRow{}).Select("place, endpoint, buried_at").Where("place > ?", 0).Order("place").Limit(MaxBacklog)
	var rows []struct {
		Endpoint      string
		Waiting, Dead int
		First         int64
	}
	err := read.Table("(?) AS few", few).
		Select("endpoint, count(*) - count(buried_at) AS waiting, count(buried_at) AS dead, coalesce(min(CASE WHEN buried_at IS NULL THEN place END), 0) AS first").
		Group("endpoint").Order("endpoint").Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, classify(ctx, err)
	}
	all, places := make([]DeliveryBacklog, len(rows)), make([]int64, len(rows))
	for i, row := range rows {
		all[i], places[i] = DeliveryBacklog{Endpoint: row.Endpoint, Waiting: row.Waiting, Dead: row.Dead}, row.First
	}
	var oldest []deliveryRow
	err = read.Select("endpoint", "since").Where("place IN ?", places).Find(&oldest).Error
	for _, row := range oldest {
		for i := range all {
			if all[i].Endpoint == row.Endpoint {
				all[i].Oldest = row.Since.UTC()
			}
		}
	}
	return all, classify(ctx, err)
}
