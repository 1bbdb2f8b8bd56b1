package storetest

import (
	"fmt"
	"testing"
	"time"

	"rekey/core"
)

// BenchmarkSamples measures what an operator waits for who looks at a whole day, and
// at an hour, of ten busy replicas.
func BenchmarkSamples(b *testing.B, open func(t testing.TB) Store) {
	const replicas, batch = 10, 60
	w := newWorld(b, open(b))
	for n := 0; n < core.MaxMinutes; n += batch {
		var all []core.Sample
		for i := range replicas * batch {
			all = append(all, busySample(fmt.Sprintf("rekey-5f7d8c9b4-x%03d-k2m9pq", i%replicas), n+i/replicas))
		}
		w.must(w.PutSamples(w.ctx, all))
	}
	now := minute(core.MaxMinutes - 1).Add(30 * time.Second)
	service := core.New(core.Parts{Samples: w.Store, Now: func() time.Time { return now }})
	for _, minutes := range []int{60, core.MaxMinutes} {
		b.Run(fmt.Sprint(minutes, "minutes"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				names, all, err := service.LastMinutes(w.ctx, minutes)
				if err != nil || len(names) != replicas || len(all) != minutes {
					b.Fatal(names, len(all), err)
				}
			}
		})
	}
}

// busySample is of a replica that serves four dialects, in 30 buckets.
func busySample(replica string, n int) core.Sample {
	s := sample(replica, n, n)
	for _, dialect := range []string{"licensespring", "unleash", "zap", "pages"} {
		s.Changes[dialect] = core.Changes{Changed: 300 + n%50, Refused: 20, Failed: 1}
	}
	s.Took = nil
	for i := range 30 {
		s.Took = append(s.Took, core.Bucket{Index: 100 + i, Count: 40 + i})
	}
	return s
}
