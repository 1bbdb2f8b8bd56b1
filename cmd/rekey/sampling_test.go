package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rekey/config"
	"rekey/core"
	"rekey/store"
)

func sampling(cfg *config.Config) { cfg.Console.Enabled = true }

// plots is what an operator's plots are made of.
type plots struct {
	Replicas []string
	Samples  []struct {
		Dialects    map[string]struct{ Changed, Refused, Failed int }
		Latency     struct{ P50, P99 *float64 }
		Derivations struct{ Workers int }
	}
}

// plotted asks a replica for the last hour.
func (r *running) plotted() (p plots) {
	r.t.Helper()
	a := r.managing(http.MethodGet, "/manage/v1/samples", "")
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != http.StatusOK || len(p.Samples) != standardHour {
		r.t.Fatalf("got %d, %d minutes: %v", a.status, len(p.Samples), err)
	}
	return p
}

const standardHour = 60

// total counts the changes of a dialect, and in how many minutes there are times.
func (p plots) total(dialect string) (sum core.Changes, timed int) {
	for _, s := range p.Samples {
		n := s.Dialects[dialect]
		sum.Changed, sum.Refused, sum.Failed = sum.Changed+n.Changed, sum.Refused+n.Refused, sum.Failed+n.Failed
		if s.Latency.P50 != nil && s.Latency.P99 != nil && *s.Latency.P50 > 0 && *s.Latency.P50 <= *s.Latency.P99 {
			timed++
		}
	}
	return sum, timed
}

// startProcess runs dev as a process of its own.
func startProcess(t *testing.T, dsn string) (r *running, kill func()) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "facts.json")
	r = &running{t: t, out: &buffer{}, log: &buffer{}, ended: make(chan struct{}), client: http.DefaultClient}
	r.stop = func() error { return nil }
	process := exec.Command("rekey", "dev", "--addr", "127.0.0.1:0", "--dsn", dsn, "--facts", file)
	process.Env, process.Stdout, process.Stderr = append(os.Environ(), "REKEY_CONSOLE__ENABLED=true"), r.out, r.log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = process.Wait()
	}()
	kill = func() {
		_ = process.Process.Kill()
		<-r.ended
	}
	t.Cleanup(kill)
	r.introduced(file)
	return r, kill
}

// Any replica tells what all have seen: one that was stopped just now, and one that
// was killed, as far as it had stored.
func TestAnyReplicaTellsWhatAllHaveSeen(t *testing.T) {
	if testing.Short() {
		t.Skip("what is killed must have stored before, which takes 10 s")
	}
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		t.Parallel()
		asked, stopped := startDev(t, withDSN(dsn), sampling), startDev(t, withDSN(dsn), sampling)
		killed, kill := startProcess(t, dsn)
		stopped.succeeds(licensespringDialect, stopped.send(stopped.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
		stopped.send(licensespringDialect.change(stopped.facts, 1, "no password of hers", "A fresh sample staple 2"))
		if err := stopped.stop(); err != nil {
			t.Fatal(err)
		}
		if got, timed := asked.plotted().total("licensespring"); got != (core.Changes{Changed: 1, Refused: 1}) || timed == 0 {
			t.Errorf("of one that was stopped: got %+v, timed in %d minutes", got, timed)
		}
		killed.succeeds(zapDialect, killed.send(killed.firstChange(zapDialect, 2, "A fresh sample staple 3")), "the change")
		asked.eventually("it has stored", func() bool { got, _ := asked.plotted().total("zap"); return got.Changed == 1 })
		kill()
		p := asked.plotted()
		if got, _ := p.total("zap"); got != (core.Changes{Changed: 1}) {
			t.Errorf("of one that was killed: got %+v", got)
		}
		if len(p.Replicas) != 3 {
			t.Errorf("the replicas are %v", p.Replicas)
		}
	})
}

func TestSamplesOutliveGenerations(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		if err := store.Migrate(t.Context(), store.Options{DSN: dsn}, func(string) {}); err != nil {
			t.Fatal(err)
		}
		n := startRenewing(t, withDSN(dsn), sampling)
		var clients sync.WaitGroup
		var changed, failed atomic.Int64
		done := make(chan struct{})
		for k := range 2 {
			clients.Go(func() { n.busily(k, done, &changed, &failed) })
		}
		for i := range 6 {
			before := changed.Load()
			n.mustRenew(func(cfg *config.Config) { cfg.Passwords.Hash.Workers = 1 + i%2 })
			n.eventually("a change by the new configuration", func() bool { return changed.Load() > before || failed.Load() > 0 })
		}
		close(done)
		clients.Wait()
		if err := n.stop(); err != nil {
			t.Fatal(err)
		}
		if got := stored(t, dsn, "licensespring"); got != (core.Changes{Changed: int(changed.Load())}) || failed.Load() > 0 {
			t.Errorf("got %+v, want %d changed", got, changed.Load())
		}
	})
}

func TestNothingIsSampledWithoutAConsole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	dsn := "sqlite:" + filepath.Join(folder, "rekey.db")
	n := startRenewing(t, withDSN(dsn), func(cfg *config.Config) { cfg.Console.Enabled = false })
	n.succeeds(licensespringDialect, n.send(n.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
	n.mustRenew(func(cfg *config.Config) { cfg.Console.Enabled = true })
	n.succeeds(licensespringDialect, n.send(n.firstChange(licensespringDialect, 1, "A fresh sample staple 2")), "the change")
	n.mustRenew(func(cfg *config.Config) { cfg.Console.Enabled = false })
	n.succeeds(licensespringDialect, n.send(n.firstChange(licensespringDialect, 2, "A fresh sample staple 3")), "the change")
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	if got := stored(t, dsn, "licensespring"); got != (core.Changes{Changed: 1}) {
		t.Errorf("got %+v, want the one change while it was enabled", got)
	}
}

// stored counts the changes of a dialect in all samples of a database.
func stored(t *testing.T, dsn, dialect string) (sum core.Changes) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	samples, err := db.Samples(t.Context(), time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		n := s.Changes[dialect]
		sum.Changed, sum.Refused, sum.Failed = sum.Changed+n.Changed, sum.Refused+n.Refused, sum.Failed+n.Failed
	}
	return sum
}
