package core

import (
	"math"
	"math/bits"
	"time"
)

// Durations tell how long many things took, to a sixteenth: the buckets that are
// not empty, in their order. Those of several replicas can be merged.
type Durations []Bucket

// Bucket says how many took so long. Below 8 µs each microsecond has a bucket;
// above, each doubling has eight, up to 134 s. The last has all that took longer.
type Bucket struct{ Index, Count int }

const (
	bucketBits  = 3 // of a duration's beginning, behind its first one
	bucketParts = 1 << bucketBits
	lastBucket  = 25*bucketParts - 1
)

// Spread counts durations.
type Spread [lastBucket + 1]int

// Add counts one.
func (s *Spread) Add(d time.Duration) { s[bucketOf(d)]++ }

// Merge adds what others have counted. Buckets that there are not are left out.
func (s *Spread) Merge(others Durations) {
	for _, b := range others {
		if b.Index >= 0 && b.Index <= lastBucket {
			s[b.Index] += b.Count
		}
	}
}

// Durations returns what was counted.
func (s *Spread) Durations() (all Durations) {
	for i, n := range s {
		if n > 0 {
			all = append(all, Bucket{i, n})
		}
	}
	return all
}

// Quantile returns how long it took at most for the given part of them, such as
// 0.99, and false if there were none. It errs by a sixteenth.
func (all Durations) Quantile(part float64) (time.Duration, bool) {
	total := 0
	for _, b := range all {
		total += b.Count
	}
	left := int(math.Ceil(part * float64(total)))
	for _, b := range all {
		if left -= b.Count; left <= 0 && b.Count > 0 {
			return middle(b.Index), true
		}
	}
	return 0, false
}

// bucketOf returns the bucket of a duration.
func bucketOf(d time.Duration) int {
	us := uint64(max(0, d.Microseconds()))
	if us < bucketParts {
		return int(us)
	}
	shift := bits.Len64(us) - 1 - bucketBits
	part := int(us>>shift) - bucketParts //nolint:gosec // it has four bits
	return min((shift+1)*bucketParts+part, lastBucket)
}

// middle returns the middle of a bucket.
func middle(i int) time.Duration {
	if i < bucketParts {
		return time.Duration(i) * time.Microsecond
	}
	low, width := bucketParts+i%bucketParts, time.Microsecond<<(i/bucketParts-1)
	return time.Duration(low)*width + width/2
}
