// Package bench measures a running rekey against what its hashes alone would
// allow on the same machine, in one run: it derives as fast as it can before
// and after, and between the two it changes passwords in a closed loop.
package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"rekey/cmd/process"
	"rekey/core"
)

// Setup says what is measured, and how.
type Setup struct {
	URL        string // where clients reach the server
	Operations string // where its health is asked; "" if nowhere
	PID        int    // of the server; 0 if it is not on this machine
	Keys       Keys
	Dialect    string // licensespring, unleash or zap
	Clients    int
	Warmup     time.Duration // of each phase; nothing is measured meanwhile
	Duration   time.Duration // of all rounds together
	Rounds     int           // how often it goes from raw derivations to changes and back: machines are not as fast at all times
	RawTime    time.Duration // how long raw derivations are measured, before and after

	Workers     int                                                                                 // how many derivations run at once
	Derive      func(ctx context.Context) error                                                     // one derivation at the configured cost
	Derivations float64                                                                             // the least that a change takes
	Accounts    []*Account                                                                          // at least one for each client
	Size, Crowd int                                                                                 // how many accounts there are, and how many of them are nobody's
	RestTime    time.Duration                                                                       // how long changes are measured that derive nothing; 0 for not at all
	Rest        func(ctx context.Context, n int) (changes []func(context.Context) error, err error) // prepares n of them, or fewer
	Token       func(ctx context.Context, a *Account) (string, error)
	Progress    func(format string, args ...any)
}

// Account is what the owner of an account knows. One client at a time has it.
type Account struct {
	ID       core.AccountID
	Email    string
	UserID   string // ZAP's
	Password string
	Token    string // a live reset token, where the dialect takes one; "" once it is spent
}

// Run measures. It fails if the server cannot be measured, and not if it is slow.
func Run(ctx context.Context, s Setup) (Report, error) {
	report := Report{
		Accounts: s.Size,
		Dialect:  s.Dialect, Clients: s.Clients, Seconds: s.Duration.Seconds(), Workers: s.Workers, Derivations: s.Derivations,
	}
	s.Progress("changing passwords without deriving for %s", s.RestTime)
	rest, err := s.alone(ctx)
	if err != nil {
		return report, err
	}
	report.judgeRest(rest)
	s.Progress("deriving one at a time for %s", s.RawTime)
	single, err := s.raw(ctx, 1)
	if err != nil {
		return report, err
	}
	var raws []rate
	var rounds []seen
	for round := range s.Rounds + 1 {
		s.Progress("deriving without a server for %s", s.RawTime)
		raw, err := s.raw(ctx, s.Workers)
		if err != nil {
			return report, err
		}
		if raws = append(raws, raw); round == s.Rounds {
			break
		}
		s.Progress("changing passwords through %s with %d clients for %s", s.Dialect, s.Clients, s.Warmup+s.Duration/time.Duration(s.Rounds))
		seen, err := s.load(ctx)
		if err != nil {
			return report, err
		}
		rounds = append(rounds, seen)
	}
	report.judge(single, raws, rounds)
	return report, nil
}

// seen is what the load saw.
type seen struct {
	took      time.Duration // of the part that was measured
	cpu       time.Duration // of the server; 0 if it is not known
	own       time.Duration // processor time of the clients
	cores     process.Machine
	peak      int64 // most memory of the server, in bytes; 0 if it is not known
	changes   []time.Duration
	refusals  []time.Duration
	failures  map[string]int // answers that are neither, by what they say
	health    []time.Duration
	otherwise []time.Duration // requests to the server that need no derivation
	unhealthy int
}

// window is when is measured.
type window struct{ begin, end time.Time }

func (w window) has(t time.Time) bool { return !t.Before(w.begin) && t.Before(w.end) }

// load runs the clients in a closed loop. What they have begun when the window
// ends is waited for and not counted.
func (s Setup) load(ctx context.Context) (seen, error) {
	begin := time.Now().Add(s.Warmup)
	w := window{begin, begin.Add(s.Duration / time.Duration(s.Rounds))}
	total := seen{failures: map[string]int{}}
	var mu sync.Mutex
	var running sync.WaitGroup
	count := func(own seen) {
		mu.Lock()
		defer mu.Unlock()
		total.add(own)
	}
	for k := range s.Clients {
		running.Go(func() { count(s.client(ctx, k, w)) })
	}
	running.Go(func() { count(s.probe(ctx, w)) })
	sleep(ctx, time.Until(w.begin))
	from, fromCPU, fromOwn, fromCores := time.Now(), processCPU(s.PID), ownCPU(), coresNow()
	sleep(ctx, time.Until(w.end))
	took, cpu, own, cores := time.Since(from), processCPU(s.PID)-fromCPU, ownCPU()-fromOwn, since(fromCores, coresNow())
	running.Wait()
	total.took, total.cpu, total.own, total.cores, total.peak = took, cpu, own, cores, peakMemory(s.PID)
	if len(total.changes) == 0 {
		return total, fmt.Errorf("no change succeeded: %d were refused for lack of capacity, and there were %v", len(total.refusals), total.failures)
	}
	return total, ctx.Err()
}

// add adds what another client or round saw.
func (s *seen) add(o seen) {
	s.cores = sumOf(s.cores, o.cores)
	s.took, s.cpu, s.own, s.peak, s.unhealthy = s.took+o.took, s.cpu+o.cpu, s.own+o.own, max(s.peak, o.peak), s.unhealthy+o.unhealthy
	s.health, s.otherwise = append(s.health, o.health...), append(s.otherwise, o.otherwise...)
	s.changes, s.refusals = append(s.changes, o.changes...), append(s.refusals, o.refusals...)
	for what, n := range o.failures {
		s.failures[what] += n
	}
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// quantile returns the q-th part of the times, in milliseconds; 0 of none.
func quantile(times []time.Duration, q float64) float64 {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return float64(sorted[int(q*float64(len(sorted)-1))].Microseconds()) / 1000
}
