package enumeration

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Comparison is what was seen of one question.
type Comparison struct {
	Question   string      `json:"question"`
	Situations []Situation `json:"situations"`
}

// Situation is what was seen of one situation, compared with the question's
// first.
type Situation struct {
	Name   string        `json:"name"`
	N      int           `json:"n"`
	Median time.Duration `json:"median_ns"`
	P95    time.Duration `json:"p95_ns"`

	// Slower is how often an answer to this situation took longer than one to
	// the first: 0.5 says that time tells nothing (Mann and Whitney's U, as a
	// share). Bound is how far from 0.5 chance alone gets in one of 2,000
	// comparisons.
	Slower float64 `json:"slower"`
	Bound  float64 `json:"bound"`
	// Seen is the least difference that would have been told, had all answers
	// been so much slower.
	Seen time.Duration `json:"seen_ns"`

	Control bool   `json:"control"` // it is to be told apart
	Differs string `json:"differs"` // what an answer has that the first's have not; "" if nothing
}

// deviations is how many standard deviations chance may explain.
const deviations = 3.5

// Told reports whether the situation can be told from the first.
func (s Situation) Told() bool { return s.Differs != "" || math.Abs(s.Slower-0.5) > s.Bound }

// compare holds every situation to the first.
func compare(q question, samples [][]sample) Comparison {
	c := Comparison{Question: q.name}
	first := times(samples[0])
	for k, s := range q.situations {
		own := times(samples[k])
		n, m := float64(len(first)), float64(len(own))
		seen := Situation{
			Name: s.name, N: len(own), Median: quantile(own, 0.5), P95: quantile(own, 0.95), Control: s.told,
			Slower: slower(first, own), Bound: deviations * math.Sqrt((n+m+1)/(12*n*m)), Differs: differs(samples[0], samples[k]),
		}
		seen.Seen = least(first, own, seen.Bound)
		if seen.Control {
			seen.Differs = "" // it does, and that is not what it is for
		}
		c.Situations = append(c.Situations, seen)
	}
	return c
}

// differs returns an answer of some that is not the first of all, or no refusal in
// the dialect.
func differs(all, some []sample) string {
	first := all[0].answer
	for _, s := range some {
		switch a := s.answer; {
		case a.Fault != "" || a.Err != nil:
			return fmt.Sprint(a.Fault, a.Err)
		case a.Status != first.Status || a.Text != first.Text:
			return fmt.Sprintf("%d %s", a.Status, a.Text)
		}
	}
	return ""
}

func times(samples []sample) []time.Duration {
	var all []time.Duration
	for _, s := range samples {
		all = append(all, s.took)
	}
	slices.Sort(all)
	return all
}

// quantile returns the q-th part of sorted times.
func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[int(q*float64(len(sorted)-1))]
}

// slower returns how often one of b is longer than one of a, both sorted; a tie
// counts half.
func slower(a, b []time.Duration) float64 {
	var wins float64
	for _, t := range b {
		below, _ := slices.BinarySearch(a, t)
		upTo, _ := slices.BinarySearch(a, t+1)
		wins += float64(below) + float64(upTo-below)/2
	}
	return wins / float64(len(a)*len(b))
}

// least returns the least delay that would have made b slower than the bound
// allows, to 1 µs.
func least(a, b []time.Duration, bound float64) time.Duration {
	low, high := time.Duration(0), time.Second
	for high-low > time.Microsecond {
		middle := (low + high) / 2
		shifted := slices.Clone(b)
		for i := range shifted {
			shifted[i] += middle
		}
		if slower(a, shifted)-0.5 > bound {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
