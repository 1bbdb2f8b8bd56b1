package core_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rekey/core"
)

func TestAFailureIsTriedAgainEverLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		s.handle = func(context.Context, core.Message) error { return fmt.Errorf("dial: %w", core.Unavailable) }
		stop := s.start(1)
		time.Sleep(time.Hour)
		stop()
		at := s.at["m"]
		if len(at) != s.parts.Retry.Tries {
			t.Fatalf("tried %d times, want %d", len(at), s.parts.Retry.Tries)
		}
		for n, delay := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, time.Minute} {
			if n+1 < len(at) {
				if got := at[n+1].Sub(at[n]); got < delay/2 || got > delay+s.parts.Poll {
					t.Errorf("try %d came %v after the one before, want %v to %v", n+2, got, delay/2, delay)
				}
			}
		}
		if got := s.fates(core.Buried); len(got) != 1 || got[0].Message.Attempts != s.parts.Retry.Tries {
			t.Errorf("buried: %+v", got)
		}
		if s.why != "dial: unavailable" {
			t.Errorf("kept %q", s.why)
		}
		s.empty()
	})
}

func TestMessagesThatFailTogetherComeBackApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.parts.Workers, s.parts.Retry = 50, core.Retry{First: 1000 * time.Second, Most: 1000 * time.Second, Tries: 2}
		for n := range 50 {
			s.enqueue(core.MailResetLink, fmt.Sprintf("m%02d", n))
		}
		s.handle = func(context.Context, core.Message) error { return core.Unavailable }
		stop := s.start(1)
		time.Sleep(10 * time.Second)
		stop()
		early, late := 0, 0
		for _, o := range s.fates(core.Postponed) {
			switch delay := o.Due.Sub(s.began); {
			case delay < 500*time.Second || delay > 1001*time.Second:
				t.Errorf("%s comes back after %v", o.Message.ID, delay)
			case delay < 750*time.Second:
				early++
			default:
				late++
			}
		}
		if early < 10 || late < 10 {
			t.Errorf("%d come back early and %d late", early, late)
		}
	})
}

func TestWhatTimeHealsIsTriedAgainAndNothingElse(t *testing.T) {
	heals := map[core.Code]bool{
		core.Invalid: false, core.Unauthenticated: false, core.Forbidden: false, core.Disabled: false, core.NotFound: false,
		core.WrongPassword: false, core.WrongFactor: false, core.BadToken: false, core.UsedToken: false,
		core.WeakPassword: false, core.ReusedPassword: false,
		core.Throttled: true, core.Conflict: true, core.Unavailable: true, core.Internal: true,
	}
	for _, code := range core.Codes() {
		synctest.Test(t, func(t *testing.T) {
			want, ok := heals[code]
			if !ok {
				t.Fatalf("nothing is said of %q", code)
			}
			s := newSpool(t)
			s.enqueue(core.MailResetLink, "m")
			s.handle = func(context.Context, core.Message) error { return &core.Error{Code: code} }
			stop := s.start(1)
			time.Sleep(time.Second / 2)
			stop()
			if got := len(s.fates(core.Postponed)) == 1; got != want || got == (len(s.fates(core.Buried)) == 1) {
				t.Errorf("%q: tried again: %v, want %v", code, got, want)
			}
		})
	}
}

func TestFailuresThatNobodyClassified(t *testing.T) {
	for name, c := range map[string]struct {
		topic  core.Topic
		handle core.Handler
		says   string
	}{
		"an error":          {core.MailResetLink, func(context.Context, core.Message) error { return errors.New("odd") }, "odd"},
		"a panic":           {core.MailResetLink, func(context.Context, core.Message) error { panic("s3cret") }, "panicked"},
		"an unknown topic":  {"from.the.future", nil, "from.the.future"},
		"a topic unhandled": {core.MailOneTimeCode, nil, "no handler"},
		"no end": {core.MailResetLink, func(ctx context.Context, _ core.Message) error {
			<-ctx.Done()
			return ctx.Err()
		}, "deadline"},
		"a long text": {core.MailResetLink, func(context.Context, core.Message) error {
			return errors.New("\xffx" + strings.Repeat("é", 1000))
		}, "?xé"},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSpool(t)
			s.enqueue(c.topic, "m")
			s.handle = c.handle
			stop := s.start(1)
			time.Sleep(s.parts.Lease/2 + time.Second)
			stop()
			if len(s.fates(core.Postponed)) == 0 || !strings.Contains(s.why, c.says) || strings.Contains(s.why, "s3cret") || len(s.why) > 500 {
				t.Errorf("%s: got %+v and %q", name, s.outcomes, s.why)
			}
		})
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpool(t)
		s.enqueue(core.MailResetLink, "m")
		s.handle = func(context.Context, core.Message) error {
			return &core.Error{Code: core.Throttled, RetryAfter: time.Hour}
		}
		stop := s.start(1)
		time.Sleep(time.Second)
		stop()
		if got := s.fates(core.Postponed); len(got) != 1 || got[0].Due.Sub(s.began) != time.Hour {
			t.Errorf("got %+v", got)
		}
	})
}
