package core_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"rekey/core"
	"rekey/store/memory"
)

// spool is an outbox with dispatchers, and remembers what they did.
type spool struct {
	core.Outbox
	t           *testing.T
	parts       core.DispatcherParts
	dispatchers []*core.Dispatcher
	handle      core.Handler
	fail        func(verb string) error
	began       time.Time

	mu                     sync.Mutex
	at                     map[core.MessageID][]time.Time
	outcomes               []core.Outcome
	why                    string
	working, most, claimed int
}

func newSpool(t *testing.T) *spool {
	s := &spool{
		Outbox: memory.New(), t: t, at: map[core.MessageID][]time.Time{}, began: time.Now(),
		handle: func(context.Context, core.Message) error { return nil },
		fail:   func(string) error { return nil },
	}
	s.parts = core.DispatcherParts{
		Outbox: s, Now: time.Now, Report: s.report, Workers: 3, Poll: time.Second, Lease: 40 * time.Second,
		Retry: core.Retry{First: 10 * time.Second, Most: time.Minute, Tries: 6},
	}
	return s
}

func (s *spool) enqueue(topic core.Topic, id string) {
	s.t.Helper()
	m := core.Message{ID: core.MessageID(id), Tenant: acme, Topic: topic, Due: time.Now()}
	e := core.Event{ID: core.EventID("e-" + id), At: time.Now(), Tenant: acme, Action: core.ResetRequested}
	if err := s.Enqueue(s.t.Context(), e, m); err != nil {
		s.t.Fatal(err)
	}
}

// start runs n dispatchers on the outbox and returns what stops them and waits.
func (s *spool) start(n int) (stop func()) {
	s.parts.Handlers = map[core.Topic]core.Handler{core.MailResetLink: s.do}
	ctx, cancel := context.WithCancel(s.t.Context())
	var running sync.WaitGroup
	for range n {
		d := core.NewDispatcher(s.parts)
		s.dispatchers = append(s.dispatchers, d)
		running.Go(func() { d.Run(ctx) })
	}
	return func() {
		cancel()
		running.Wait()
	}
}

func (s *spool) do(ctx context.Context, m core.Message) error {
	s.mu.Lock()
	s.at[m.ID] = append(s.at[m.ID], time.Now())
	s.working++
	s.most = max(s.most, s.working)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.working--
	}()
	return s.handle(ctx, m)
}

func (s *spool) report(o core.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes = append(s.outcomes, o)
}

// tries returns how often each message was tried.
func (s *spool) tries() map[core.MessageID]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	tries := map[core.MessageID]int{}
	for id, at := range s.at {
		tries[id] = len(at)
	}
	return tries
}

// count returns how many messages were claimed.
func (s *spool) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claimed
}

// last returns when the last try began.
func (s *spool) last() (last time.Time) {
	for _, at := range s.at {
		if latest := slices.MaxFunc(at, time.Time.Compare); latest.After(last) {
			last = latest
		}
	}
	return last
}

func (s *spool) fates(fate core.Fate) []core.Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.outcomes), func(o core.Outcome) bool { return o.Fate != fate })
}

// empty fails the test if a message is left that would ever be claimed.
func (s *spool) empty() {
	s.t.Helper()
	left, err := s.Outbox.Claim(s.t.Context(), time.Now().Add(1000*time.Hour), time.Now(), 1000)
	if len(left) > 0 || err != nil {
		s.t.Errorf("left over: %+v, %v", left, err)
	}
}

func (s *spool) keep(why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.why = why
}

func (s *spool) Claim(ctx context.Context, now, until time.Time, limit int) ([]core.Message, error) {
	if err := s.fail("Claim"); err != nil {
		return nil, err
	}
	claimed, err := s.Outbox.Claim(ctx, now, until, limit)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claimed += len(claimed)
	return claimed, err
}

func (s *spool) Finish(ctx context.Context, id core.MessageID) error {
	if err := s.fail("Finish"); err != nil {
		return err
	}
	return s.Outbox.Finish(ctx, id)
}

func (s *spool) Postpone(ctx context.Context, id core.MessageID, due time.Time, why string) error {
	if err := s.fail("Postpone"); err != nil {
		return err
	}
	s.keep(why)
	return s.Outbox.Postpone(ctx, id, due, why)
}

func (s *spool) Bury(ctx context.Context, id core.MessageID, at time.Time, why string) error {
	if err := s.fail("Bury"); err != nil {
		return err
	}
	s.keep(why)
	return s.Outbox.Bury(ctx, id, at, why)
}
