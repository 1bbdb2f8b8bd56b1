package main

import (
	"context"
	"fmt"
	"time"

	"rekey/adapters/zap"
	"rekey/core"
	"rekey/store"
)

// Of a crowd so many are added in one transaction, and how it goes is told so
// often.
const (
	crowdBatch  = 10_000
	crowdTell   = 5 * time.Second
	perHundred  = 100
	crowdSettle = "counting what is where, as the database would in time"
)

// fill adds people who never were until there are so many accounts. All have the
// hashes of model.
func (f *benchFlags) fill(ctx context.Context, i *installation, model core.Account) error {
	crowd, all, err := store.CrowdSize(ctx, i.db, devTenant)
	if err != nil {
		return err
	}
	want := crowd + max(0, f.accounts-all)
	f.setup.Crowd, f.setup.Size = want, max(all, f.accounts)
	if want == crowd {
		return nil
	}
	f.setup.Progress("filling up from %d to %d accounts", all, f.accounts)
	people := store.Crowd{Model: model, External: zap.ExternalID, At: time.Now().Add(-time.Hour)}
	told, begun := time.Now(), time.Now()
	for first := crowd; first < want; first += crowdBatch {
		end := min(first+crowdBatch, want)
		if err := store.AddCrowd(ctx, i.db, people, first, end); err != nil {
			return err
		}
		if now := time.Now(); end == want || now.Sub(told) > crowdTell {
			told = now
			f.setup.Progress("%s", fillRate(end-crowd, want-crowd, now.Sub(begun)))
		}
	}
	f.setup.Progress(crowdSettle)
	return store.SettleCrowd(ctx, i.db)
}

// fillRate tells how far it is, how fast it goes and how long it will take.
func fillRate(done, all int, took time.Duration) string {
	rate := float64(done) / took.Seconds()
	left := time.Duration(float64(all-done) / rate * float64(time.Second))
	return fmt.Sprintf("%d of %d accounts added, %d %%, %.0f/s, %s left", done, all, perHundred*done/all, rate, left.Round(time.Second))
}
