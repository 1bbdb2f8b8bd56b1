package store_test

import (
	"context"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"rekey/core"
)

// Who waits for a turn behind hundreds of writers learns that they get theirs.
func TestABusyDatabaseIsWritable(t *testing.T) {
	db := open(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for n := range 300 {
		writers.Go(func() {
			for k := 0; ctx.Err() == nil; k++ {
				e := event
				e.ID = core.EventID(strconv.Itoa(n) + "-" + strconv.Itoa(k))
				_ = db.Record(ctx, e)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	hurried, cancel := context.WithTimeout(t.Context(), 40*time.Millisecond)
	defer cancel()
	if err := db.Writable(hurried); err != nil {
		t.Errorf("got %v, want none", err)
	}
	stop()
	writers.Wait()
}
