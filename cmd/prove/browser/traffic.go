package browser

import (
	"context"
	"math"
	"time"

	"rekey/core"
)

// traffic gives the installation a day behind it, of another replica that has
// served all dialects and has had one bad quarter of an hour. It is the same in
// every run, so that the pictures of the plots are, and they are as heavy as they
// get.
func (s *Site) traffic(ctx context.Context) error {
	now := time.Now().UTC().Truncate(time.Minute)
	var day []core.Sample
	for back := 24*60 - 1; back >= 2; back-- {
		day = append(day, minute(now.Add(-time.Duration(back)*time.Minute), back))
	}
	return s.dev.Remember(ctx, day)
}

// minute is a minute so long ago.
func minute(at time.Time, back int) core.Sample {
	wave := func(most, period, shift float64) int {
		return int(math.Round(most * (1.3 + math.Sin(float64(back)/period+shift) + 0.3*math.Sin(float64(back)*2.4+shift)) / 2.6))
	}
	bad := back >= 20 && back < 35
	guesses := 0
	if bad {
		guesses = 40 + wave(15, 3, 0)
	}
	var took core.Spread
	for n := range 40 {
		took.Add(time.Duration(55+wave(12, 9, 1)+n/4) * time.Millisecond)
	}
	sample := core.Sample{
		Replica: "replica-b", At: at, Took: took.Durations(),
		Changes: map[string]core.Changes{
			"licensespring": {Changed: wave(24, 8, 0), Refused: wave(3, 5, 2) + guesses},
			"pages":         {Changed: wave(9, 6, 3), Refused: wave(3, 7, 1)},
			"unleash":       {Changed: wave(16, 11, 1), Refused: wave(2, 6, 0)},
			"zap":           {Changed: wave(7, 7, 2), Refused: wave(2, 9, 4)},
		},
		Derivations: core.Derivations{Workers: 2, Running: min(2, wave(3, 4, 1)), Waiting: wave(3, 5, 1)},
		Outbox:      core.Pending{Waiting: wave(4, 6, 2), Lag: time.Duration(wave(1600, 7, 1)) * time.Millisecond},
		Deliveries:  core.Pending{Waiting: wave(3, 5, 3), Lag: time.Duration(wave(1100, 6, 3)) * time.Millisecond},
	}
	if bad {
		sample.Derivations.Waiting += 14
		sample.Deliveries.Waiting += 9
		sample.Deliveries.Lag += 4 * time.Second
	}
	return sample
}
