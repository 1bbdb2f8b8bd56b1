package core_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"rekey/core"
)

// Every test of the dispatcher runs in a bubble: its clock is the bubble's,
// and leaps.

func TestAMessageIsDoneOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		for n := range 100 {
			s.enqueue(core.MailResetLink, fmt.Sprintf("m%02d", n))
		}
		s.enqueue(core.Void, "void")
		stop := s.start(2)
		time.Sleep(10 * time.Second)
		stop()
		for id, n := range s.tries() {
			if n != 1 {
				t.Errorf("%s was done %d times", id, n)
			}
		}
		if len(s.tries()) != 100 || len(s.fates(core.Finished)) != 101 {
			t.Errorf("did %d messages, finished %d", len(s.tries()), len(s.fates(core.Finished)))
		}
		s.empty()
	})
}

func TestWorkIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		for n := range 20 {
			s.enqueue(core.MailResetLink, fmt.Sprintf("m%02d", n))
		}
		s.handle = func(context.Context, core.Message) error { time.Sleep(10 * time.Second); return nil }
		stop := s.start(1)
		for range 20 {
			time.Sleep(time.Second)
			synctest.Wait()
			if claimed := s.count(); claimed != len(s.tries()) {
				t.Fatalf("claimed %d and began %d: a claim's time runs out in a queue", claimed, len(s.tries()))
			}
		}
		time.Sleep(time.Minute)
		stop()
		if s.most != s.parts.Workers {
			t.Errorf("at most %d were at work, want %d", s.most, s.parts.Workers)
		}
		if took := s.last().Sub(s.began); took > 71*time.Second {
			t.Errorf("20 messages of 10s by 3 workers took %v", took)
		}
		s.empty()
	})
}

// A claimer that dies leaves its message to others, once its lease has ended.
func TestADeadClaimersMessageIsDoneByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		if got, err := s.Claim(t.Context(), time.Now(), time.Now().Add(s.parts.Lease), 10); len(got) != 1 || err != nil {
			t.Fatal(got, err)
		}
		s.claimed = 0
		stop := s.start(1)
		time.Sleep(s.parts.Lease - time.Second)
		synctest.Wait()
		if len(s.tries()) != 0 {
			t.Error("it was done while it was claimed")
		}
		time.Sleep(2 * time.Second)
		stop()
		if s.tries()["m"] != 1 || s.fates(core.Finished)[0].Message.Attempts != 2 {
			t.Errorf("got %+v", s.outcomes)
		}
	})
}

// A message that kills its process is not tried for ever.
func TestAMessageThatKillsIsBuried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		for range s.parts.Retry.Tries {
			if got, err := s.Claim(t.Context(), time.Now(), time.Now(), 1); len(got) != 1 || err != nil {
				t.Fatal(got, err)
			}
		}
		stop := s.start(1)
		time.Sleep(time.Second)
		stop()
		if len(s.tries()) != 0 || len(s.fates(core.Buried)) != 1 {
			t.Errorf("tried %v, %+v", s.tries(), s.outcomes)
		}
	})
}

func TestTheEndWaitsForWhatIsAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		for n := range 5 {
			s.enqueue(core.MailResetLink, fmt.Sprintf("m%d", n))
		}
		s.handle = func(ctx context.Context, _ core.Message) error {
			time.Sleep(10 * time.Second)
			return ctx.Err()
		}
		stop := s.start(1)
		time.Sleep(time.Second)
		synctest.Wait()
		stopped := time.Now()
		stop()
		if took := time.Since(stopped); took != 9*time.Second {
			t.Errorf("it took %v to stop, want 9s", took)
		}
		if len(s.fates(core.Finished)) != s.parts.Workers || len(s.tries()) != s.parts.Workers {
			t.Errorf("began %d, finished %d", len(s.tries()), len(s.fates(core.Finished)))
		}
	})
}

func TestTheEndIsBoundedByTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		s.handle = func(ctx context.Context, _ core.Message) error { <-ctx.Done(); return ctx.Err() }
		stop := s.start(1)
		time.Sleep(time.Second)
		stopped := time.Now()
		stop()
		if took := time.Since(stopped); took > s.parts.Lease {
			t.Errorf("it took %v to stop", took)
		}
		if len(s.fates(core.Postponed)) != 1 {
			t.Errorf("got %+v", s.outcomes)
		}
	})
}

func TestAPokeNeedsNoPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.parts.Poll = time.Hour
		stop := s.start(1)
		time.Sleep(time.Minute)
		s.enqueue(core.MailResetLink, "m")
		for range 3 {
			s.dispatchers[0].Wake()
		}
		synctest.Wait()
		if s.tries()["m"] != 1 {
			t.Errorf("got %v", s.tries())
		}
		stop()
	})
}

func TestAnOutboxThatFailsLosesNothing(t *testing.T) {
	for _, verb := range []string{"Claim", "Finish", "Postpone", "Bury"} {
		synctest.Test(t, func(t *testing.T) {
			s := newSpool(t)
			s.enqueue(core.MailResetLink, "m")
			failures := 0
			s.fail = func(failing string) error {
				if failing == verb && failures < 2 {
					failures++
					return core.Unavailable
				}
				return nil
			}
			s.handle = func(_ context.Context, m core.Message) error {
				switch {
				case verb == "Postpone" && m.Attempts < 3:
					return core.Unavailable
				case verb == "Bury":
					return core.Invalid
				}
				return nil
			}
			stop := s.start(1)
			time.Sleep(3 * s.parts.Lease)
			stop()
			if got := s.fates(core.Unsettled); len(got) != 2 || !errors.Is(got[0].Err, core.Unavailable) {
				t.Errorf("%s: got %+v", verb, got)
			}
			if len(s.fates(core.Finished))+len(s.fates(core.Buried)) != 1 {
				t.Errorf("%s: it did not come to an end: %+v", verb, s.outcomes)
			}
			s.empty()
		})
	}
}
