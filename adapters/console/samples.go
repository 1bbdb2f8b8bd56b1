package console

import (
	"maps"
	"slices"
	"time"
)

// sample is what happened in one minute, or in several that are shown as one.
type sample struct {
	At       time.Time         `json:"at"`
	Dialects map[shown]counted `json:"dialects"`
	Latency  struct {
		P50 *float64 `json:"p50"`
		P99 *float64 `json:"p99"`
	} `json:"latency"`
	Derivations struct {
		Workers int `json:"workers"`
		Running int `json:"running"`
		Waiting int `json:"waiting"`
		Refused int `json:"refused"`
	} `json:"derivations"`
	Outbox     backlog `json:"outbox"`
	Deliveries backlog `json:"deliveries"`
}

// counted is what became of changes.
type counted struct {
	Changed int `json:"changed"`
	Refused int `json:"refused"`
	Failed  int `json:"failed"`
}

// backlog is what waits to be sent.
type backlog struct {
	Waiting int     `json:"waiting"`
	Dead    int     `json:"dead"`
	Lag     float64 `json:"lag"`
}

// sampled are the samples of an installation, oldest first.
type sampled struct {
	Replicas []shown  `json:"replicas"`
	Samples  []sample `json:"samples"`
}

// dialects returns the names of all dialects that were spoken.
func (s sampled) dialects() []shown {
	all := map[shown]bool{}
	for _, one := range s.Samples {
		for name := range one.Dialects {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// total counts the changes of all dialects.
func (s sampled) total() (all counted) {
	for _, one := range s.Samples {
		for _, n := range one.Dialects {
			all.Changed, all.Refused, all.Failed = all.Changed+n.Changed, all.Refused+n.Refused, all.Failed+n.Failed
		}
	}
	return all
}

// latest returns the newest sample.
func (s sampled) latest() sample {
	if len(s.Samples) == 0 {
		return sample{}
	}
	return s.Samples[len(s.Samples)-1]
}

// told returns the samples without a last minute that no replica has told of yet: it
// has just begun.
func (s sampled) told() sampled {
	if n := len(s.Samples); n > 1 && s.Samples[n-1].Derivations.Workers == 0 {
		s.Samples = s.Samples[:n-1]
	}
	return s
}

// slowest returns the greatest of the latencies that hardly any change exceeds.
func (s sampled) slowest() (worst *float64) {
	for _, one := range s.Samples {
		worst = greater(worst, one.Latency.P99)
	}
	return worst
}

func greater(x, y *float64) *float64 {
	if x == nil || y != nil && *y > *x {
		return y
	}
	return x
}

// by returns the samples with every n of them made one: counts are added, and of what
// is measured the worst is kept.
func (s sampled) by(n int) sampled {
	folded := sampled{Replicas: s.Replicas}
	for some := range slices.Chunk(s.Samples, n) {
		one := sample{At: some[0].At, Dialects: map[shown]counted{}}
		for _, x := range some {
			one.add(x)
		}
		folded.Samples = append(folded.Samples, one)
	}
	return folded
}

func (s *sample) add(x sample) {
	for name, n := range x.Dialects {
		sum := s.Dialects[name]
		s.Dialects[name] = counted{sum.Changed + n.Changed, sum.Refused + n.Refused, sum.Failed + n.Failed}
	}
	s.Latency.P50, s.Latency.P99 = greater(s.Latency.P50, x.Latency.P50), greater(s.Latency.P99, x.Latency.P99)
	d := &s.Derivations
	d.Workers, d.Running = max(d.Workers, x.Derivations.Workers), max(d.Running, x.Derivations.Running)
	d.Waiting, d.Refused = max(d.Waiting, x.Derivations.Waiting), d.Refused+x.Derivations.Refused
	s.Outbox, s.Deliveries = s.Outbox.worst(x.Outbox), s.Deliveries.worst(x.Deliveries)
}

func (b backlog) worst(x backlog) backlog {
	return backlog{max(b.Waiting, x.Waiting), max(b.Dead, x.Dead), max(b.Lag, x.Lag)}
}
