package failover

import (
	"net/http"
	"time"

	"rekey/cmd/prove/rig"
)

// tally counts answers.
type tally struct {
	Acknowledged int `json:"acknowledged"`
	Refused      int `json:"refused"`     // by the loser of two that hold one proof
	TurnedAway   int `json:"turned_away"` // 503, in dialect, with Retry-After
	Balancers    int `json:"by_balancer"` // of those, the balancer's own
	Unanswered   int `json:"unanswered"`
}

// add adds what another tally counted.
func (t *tally) add(other tally) {
	t.Acknowledged += other.Acknowledged
	t.Refused += other.Refused
	t.TurnedAway += other.TurnedAway
	t.Balancers += other.Balancers
	t.Unanswered += other.Unanswered
}

// waiter is told of the first acknowledgement of a request that was sent
// after an instant.
type waiter struct {
	since time.Time
	heard chan<- time.Time
}

// hear enters one answer.
func (l *load) hear(sent time.Time, a rig.Answer, change bool) {
	l.count(func(t *tally) {
		switch {
		case a.Verdict == rig.Unknown:
			t.Unanswered++
		case a.Status == http.StatusServiceUnavailable:
			t.TurnedAway++
		case a.Verdict == rig.Refused:
			t.Refused++
		case change:
			t.Acknowledged++
		}
	})
	if change && a.Verdict == rig.Acknowledged {
		l.acknowledged(sent, time.Now())
	}
}

func (l *load) count(into func(*tally)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	into(&l.seen)
	if l.rolling != nil {
		into(l.rolling)
	}
}

func (l *load) report(violations ...rig.Violation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.violations = append(l.violations, violations...)
}

func (l *load) acknowledged(sent, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.last.IsZero() {
		l.longest = max(l.longest, now.Sub(l.last))
	}
	l.last = now
	var waiting []waiter
	for _, w := range l.waiters {
		if sent.Before(w.since) {
			waiting = append(waiting, w)
			continue
		}
		w.heard <- now
	}
	l.waiters = waiting
}

// await returns when the first request that is sent from now on is
// acknowledged.
func (l *load) await() <-chan time.Time {
	heard := make(chan time.Time, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiters = append(l.waiters, waiter{time.Now(), heard})
	return heard
}

// pause waits until no request is under way, and lets none begin.
func (l *load) pause() {
	l.gate.Lock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.last.IsZero() {
		l.longest = max(l.longest, time.Since(l.last))
	}
	l.last = time.Time{}
}

// resume lets requests begin again. The time of the pause is in no gap.
func (l *load) resume() {
	l.mu.Lock()
	l.last = time.Now()
	l.mu.Unlock()
	l.gate.Unlock()
}

// during counts the requests of a rolling restart apart: those that were under
// way at some time of it.
func (l *load) during(do func() error) (tally, error) {
	l.mu.Lock()
	t := &tally{}
	l.rolling = t
	l.mu.Unlock()
	err := do()
	l.pause()
	l.mu.Lock()
	l.rolling = nil
	l.mu.Unlock()
	l.resume()
	return *t, err
}
