package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rekey/config"
	"rekey/core"
	"rekey/store"
	"rekey/store/pgtest"
)

// BenchmarkDeliveries measures deliveries from the database to an endpoint on this
// machine and back, by one process with the workers of the defaults.
func BenchmarkDeliveries(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchDeliveries(b, "sqlite:"+filepath.Join(b.TempDir(), "rekey.db")) })
	b.Run("PostgreSQL", func(b *testing.B) { benchDeliveries(b, pgtest.DSN(b)) })
}

func benchDeliveries(b *testing.B, dsn string) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer endpoint.Close()
	if err := store.Migrate(b.Context(), store.Options{DSN: dsn}, func(string) {}); err != nil {
		b.Fatal(err)
	}
	cfg := config.Default()
	cfg.Log.Level = "error"
	withDSN(dsn)(&cfg)
	told("siem", endpoint.URL, hookSecret)(&cfg)
	i, err := install(b.Context(), cfg, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = i.Close() }()
	enqueueDeliveries(b, i, b.N)
	d, err := i.newDeliverer()
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	b.ResetTimer()
	var running sync.WaitGroup
	running.Go(func() { d.run(ctx) })
	for left := 1; left > 0; time.Sleep(time.Millisecond) {
		found, err := i.db.Deliveries(ctx, core.Selection{}, 0, 1)
		if err != nil {
			b.Fatal(err)
		}
		left = len(found)
	}
	b.StopTimer()
	cancel()
	running.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

// enqueueDeliveries stores n deliveries, four of each account.
func enqueueDeliveries(b *testing.B, i *installation, n int) {
	now := time.Now()
	var batch []core.Message
	for k := range n {
		batch = append(batch, core.Message{
			ID: core.MessageID(fmt.Sprint("m", k)), Tenant: "acme", Account: core.AccountID(fmt.Sprint("a", k%max(1, n/4))), Topic: core.TellEndpoint,
			Endpoint: "siem", Due: now, Since: now, Facts: map[string]string{core.FactAction: "password.changed"},
		})
		if len(batch) == 500 || k == n-1 {
			e := core.Event{ID: core.EventID(fmt.Sprint("e", k)), At: now, Tenant: "acme", Action: core.PasswordChanged}
			if err := i.db.Enqueue(b.Context(), e, batch...); err != nil {
				b.Fatal(err)
			}
			batch = nil
		}
	}
}
