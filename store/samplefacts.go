package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rekey/core"
)

// factsOf returns what is kept of a sample: numbers and dialects with a space behind
// each, in the order in which [sampleOf] reads them. JSON would take ten times as
// long to read, and a day of ten replicas is 14,400 of them.
func factsOf(s core.Sample) (string, error) {
	d := s.Derivations
	text := numbers(nil, d.Workers, d.Running, d.Waiting, d.Refused)
	for _, p := range []core.Pending{s.Outbox, s.Deliveries} {
		text = numbers(text, p.Waiting, p.Dead, int(p.Lag.Microseconds()))
	}
	text = numbers(text, len(s.Took))
	for _, b := range s.Took {
		text = numbers(text, b.Index, b.Count)
	}
	text = numbers(text, len(s.Changes))
	for dialect, n := range s.Changes {
		if dialect == "" || strings.ContainsAny(dialect, " \x00") {
			return "", fmt.Errorf("a dialect cannot be called %q", dialect)
		}
		text = numbers(append(append(text, dialect...), ' '), n.Changed, n.Refused, n.Failed)
	}
	return string(text), nil
}

func numbers(text []byte, all ...int) []byte {
	for _, n := range all {
		text = append(strconv.AppendInt(text, int64(n), 10), ' ')
	}
	return text
}

// sampleOf reads facts, and reports whether they can be read. What a newer program
// has written behind them does not matter.
func sampleOf(text []byte, names words) (s core.Sample, ok bool) {
	f := facts{rest: text}
	s.Derivations = core.Derivations{Workers: f.number(), Running: f.number(), Waiting: f.number(), Refused: f.number()}
	s.Outbox, s.Deliveries = f.pending(), f.pending()
	if n := f.count(); n > 0 {
		s.Took = make(core.Durations, n)
	}
	for i := range s.Took {
		s.Took[i] = core.Bucket{Index: f.number(), Count: f.number()}
	}
	if n := f.count(); n > 0 {
		s.Changes = make(map[string]core.Changes, n)
		for range n {
			s.Changes[names.word(f.next())] = core.Changes{Changed: f.number(), Refused: f.number(), Failed: f.number()}
		}
	}
	return s, !f.bad
}

// facts are read word by word.
type facts struct {
	rest []byte
	bad  bool
}

func (f *facts) next() []byte {
	end := slices.Index(f.rest, ' ')
	if end <= 0 {
		f.rest, f.bad = nil, true
		return nil
	}
	word := f.rest[:end]
	f.rest = f.rest[end+1:]
	return word
}

// number reads a number that is not negative.
func (f *facts) number() (n int) {
	word := f.next()
	for _, c := range word {
		if c < '0' || c > '9' || len(word) > 15 {
			f.bad = true
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// count reads how many things follow, which are two bytes each at least.
func (f *facts) count() int {
	n := f.number()
	if n > len(f.rest)/2 {
		f.bad = true
	}
	if f.bad {
		return 0
	}
	return n
}

func (f *facts) pending() core.Pending {
	return core.Pending{Waiting: f.number(), Dead: f.number(), Lag: time.Duration(f.number()) * time.Microsecond}
}

// words keeps each word once.
type words map[string]string

func (w words) word(text []byte) string {
	if kept, ok := w[string(text)]; ok {
		return kept
	}
	kept := string(text)
	w[kept] = kept
	return kept
}
