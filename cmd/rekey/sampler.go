package main

import (
	"context"
	"crypto/rand"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"rekey/core"
	"rekey/core/passhash"
)

// maxUnstored bounds the minutes that wait for the database to come back, so that an
// outage is told of when it is over. An hour of them takes about 100 KiB.
const maxUnstored = 60

// sampler keeps what this process sees of each minute until it is stored. There is
// one, whatever generation serves, so that a new configuration loses no count and
// doubles none. Its methods are safe for concurrent use.
type sampler struct {
	replica string
	samples core.Samples
	now     func() time.Time
	stats   func() passhash.Stats

	mu                 sync.Mutex
	minutes            []*minute    // oldest first; the last is under way, the others are not stored yet
	users              int          // generations that store
	refused            uint64       // derivations, when they were looked at last
	outbox, deliveries core.Pending // when they were looked at last

	storing sync.Mutex // so that no older sight of a minute replaces a newer one
}

// minute is a sample in the making.
type minute struct {
	core.Sample
	took core.Spread
}

func newSampler(kept core.Samples, now func() time.Time, stats func() passhash.Stats) *sampler {
	return &sampler{replica: replicaName(), samples: kept, now: now, stats: stats}
}

// maxHostName bounds the first part of a replica's name.
const maxHostName = 63

// replicaName returns a name that no other process has: hosts may be called alike.
func replicaName() string {
	host, err := os.Hostname()
	if host = strings.ToValidUTF8(strings.ReplaceAll(host, "\x00", ""), ""); err != nil || host == "" {
		host = "rekey"
	}
	host = strings.ToValidUTF8(host[:min(len(host), maxHostName)], "")
	return host + "-" + strings.ToLower(rand.Text()[:6])
}

// begin is called by a generation that is going to store, and end when it has. What
// was seen before nobody stored is out of date.
func (s *sampler) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users++; s.users == 1 {
		s.refused, s.outbox, s.deliveries = s.stats().Refused, core.Pending{}, core.Pending{}
	}
}

func (s *sampler) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users--
}

// at returns the minute of the instant. While a clock that was set back catches up,
// it is the latest that there was.
func (s *sampler) at(now time.Time) *minute {
	at := now.UTC().Truncate(time.Minute)
	if n := len(s.minutes); n > 0 && !at.After(s.minutes[n-1].At) {
		return s.minutes[n-1]
	}
	m := &minute{Sample: core.Sample{
		Replica: s.replica, At: at, Changes: map[string]core.Changes{}, Outbox: s.outbox, Deliveries: s.deliveries,
	}}
	s.minutes = append(s.minutes, m)
	s.minutes = s.minutes[max(0, len(s.minutes)-maxUnstored):]
	return m
}

// count counts a change.
func (s *sampler) count(e core.Ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.at(e.At)
	c := m.Changes[e.Dialect]
	c.Count(e.Code)
	m.Changes[e.Dialect] = c
	m.took.Add(e.Took)
}

// look notes how busy those are who derive.
func (s *sampler) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, d := s.stats(), &s.at(s.now()).Derivations
	d.Workers, d.Running, d.Waiting = now.Workers, max(d.Running, now.Running), max(d.Waiting, now.Waiting)
	d.Refused += int(now.Refused - s.refused) //nolint:gosec // nobody refuses so many
	s.refused = now.Refused
}

// see notes what waits in the database, unless nobody stores it.
func (s *sampler) see(outbox, deliveries core.Pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 {
		return
	}
	m := s.at(s.now())
	m.Outbox.See(outbox)
	m.Deliveries.See(deliveries)
	s.outbox, s.deliveries = outbox, deliveries
}

// store stores what is not stored yet, and the minute under way as it is now. What
// fails is stored the next time.
func (s *sampler) store(ctx context.Context) error {
	s.storing.Lock()
	defer s.storing.Unlock()
	all := s.unstored()
	if len(all) == 0 {
		return nil
	}
	if err := s.samples.PutSamples(ctx, all); err != nil {
		return err
	}
	s.stored(all[len(all)-1].At)
	return nil
}

func (s *sampler) unstored() (all []core.Sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.minutes {
		sample := m.Sample
		sample.Changes, sample.Took = maps.Clone(m.Changes), m.took.Durations()
		all = append(all, sample)
	}
	return all
}

// stored forgets the minutes that were over before the last one that is stored: that
// one may have been counted in meanwhile.
func (s *sampler) stored(last time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.minutes = slices.DeleteFunc(s.minutes, func(m *minute) bool { return m.At.Before(last) })
}
