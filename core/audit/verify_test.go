package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rekey/core"
	"rekey/core/audit"
	"rekey/store/memory"
)

func record(t *testing.T, s *memory.Store, id int, at time.Time) {
	t.Helper()
	if err := s.Record(t.Context(), core.Event{ID: core.EventID(fmt.Sprint(id)), At: at, Action: core.TokenIssued}); err != nil {
		t.Fatal(err)
	}
}

func TestEventsThatWaitForTheirSealTooLongAreReported(t *testing.T) {
	s, now := memory.New(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range 5 {
		record(t, s, n, now.Add(time.Duration(n)*time.Second))
	}
	for bound, want := range map[time.Time]string{
		{}: "", now: "", now.Add(time.Second): "the oldest of 1 ", now.Add(time.Minute): "the oldest of 5 ",
	} {
		var found []string
		v := audit.Verification{Trail: s, Check: &audit.Check{}, Sealed: bound, Found: func(f audit.Finding) { found = append(found, f.String()) }}
		r, err := v.Run(t.Context())
		if got := strings.Join(found, ""); err != nil || r.Unsealed != 5 || (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%v: got %+v, %q, %v", bound, r, got, err)
		}
	}
}

// busy prunes and seals while it is read.
type busy struct {
	*memory.Store
	meanwhile func()
}

func (b *busy) Sealed(ctx context.Context, after audit.Place, limit int) ([]audit.Row, error) {
	if b.meanwhile != nil {
		b.meanwhile()
		b.meanwhile = nil
	}
	return b.Store.Sealed(ctx, after, limit)
}

func TestWhatIsSealedAndPrunedMeanwhileIsNoFinding(t *testing.T) {
	s, now := memory.New(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	sealing := audit.Sealing{Trail: s, Now: func() time.Time { return now }, Batch: 2, Report: func(audit.Seal, error) {}}
	for n := range 8 {
		record(t, s, n, now.Add(time.Duration(n)*time.Second))
	}
	if _, err := sealing.All(t.Context()); err != nil {
		t.Fatal(err)
	}
	trail := &busy{s, func() {
		record(t, s, 99, now)
		_, sealed := sealing.All(t.Context())
		n, pruned := s.Prune(t.Context(), core.SealedEvents, now.Add(3*time.Second), 99)
		if sealed != nil || pruned != nil || n != 3 {
			t.Errorf("got %v, %v, %d", sealed, pruned, n)
		}
	}}
	check := audit.NewCheck(nil, time.Hour, now.Add(2*time.Hour))
	r, err := audit.Verification{Trail: trail, Check: check, Found: func(f audit.Finding) { t.Error(f) }}.Run(t.Context())
	if err != nil || r.Pruned != 1 || r.Seals != 4 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestSealingSealsNowAndThenAndAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := memory.New()
		var mu sync.Mutex
		var told []string
		sealing := audit.Sealing{
			Trail: s, Now: time.Now, Every: time.Minute, Batch: 2, Pause: time.Millisecond,
			Report: func(seal audit.Seal, err error) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, fmt.Sprint(seal.Seq, ":", seal.Rows, " ", err))
			},
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { sealing.Run(ctx); close(done) }()
		for n := range 3 {
			record(t, s, n, time.Now())
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		mu.Lock()
		early := len(told)
		mu.Unlock()
		if early != 0 {
			t.Errorf("before its time: got %d seals", early)
		}
		time.Sleep(45 * time.Second)
		record(t, s, 9, time.Now())
		stop()
		<-done
		if want := "[1:2 <nil> 2:1 <nil> 3:1 <nil>]"; fmt.Sprint(told) != want {
			t.Errorf("got %v, want %v", told, want)
		}
	})
}
