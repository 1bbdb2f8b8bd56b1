package manage

import (
	"net/http"
	"strconv"
	"time"

	"rekey/core"
)

// sample is how a minute is told that all replicas have seen together.
type sample struct {
	At          time.Time          `json:"at"`
	Dialects    map[string]changes `json:"dialects"`
	Latency     latency            `json:"latency"`
	Derivations derivations        `json:"derivations"`
	Outbox      pending            `json:"outbox"`
	Deliveries  pending            `json:"deliveries"`
}

type changes struct {
	Changed int `json:"changed"`
	Refused int `json:"refused"`
	Failed  int `json:"failed"`
}

// latency is in seconds, and null where nothing took any.
type latency struct {
	P50 *float64 `json:"p50"`
	P99 *float64 `json:"p99"`
}

type derivations struct {
	Workers int `json:"workers"`
	Running int `json:"running"`
	Waiting int `json:"waiting"`
	Refused int `json:"refused"`
}

type pending struct {
	Waiting int     `json:"waiting"`
	Dead    int     `json:"dead"`
	Lag     float64 `json:"lag"`
}

// samplePage is all that was asked for: of a day there are 1440.
type samplePage struct {
	Replicas []string `json:"replicas"`
	Samples  []sample `json:"samples"`
}

const standardMinutes = 60

func (a *Adapter) listSamples(c *call) (answer, error) {
	q, err := readQuery(c.Request().URL, "minutes")
	if err != nil {
		return answer{}, err
	}
	minutes := standardMinutes
	if q["minutes"] != "" {
		if minutes, err = strconv.Atoi(q["minutes"]); err != nil {
			return answer{}, parameter("minutes")
		}
	}
	replicas, all, err := a.env.Passwords.LastMinutes(c.Request().Context(), minutes)
	switch {
	case core.CodeOf(err) == core.Invalid:
		return answer{}, parameter("minutes")
	case err != nil:
		return answer{}, err
	}
	page := samplePage{Replicas: append([]string{}, replicas...), Samples: make([]sample, len(all))}
	for i, s := range all {
		page.Samples[i] = sampleOf(s)
	}
	return say(http.StatusOK, plainJSON, page)
}

func sampleOf(s core.Sample) sample {
	told := sample{
		At: s.At, Dialects: map[string]changes{}, Latency: latency{quantile(s.Took, 0.5), quantile(s.Took, 0.99)},
		Derivations: derivations(s.Derivations), Outbox: pendingOf(s.Outbox), Deliveries: pendingOf(s.Deliveries),
	}
	for dialect, n := range s.Changes {
		told.Dialects[dialect] = changes(n)
	}
	return told
}

func quantile(took core.Durations, part float64) *float64 {
	d, ok := took.Quantile(part)
	if !ok {
		return nil
	}
	seconds := d.Seconds()
	return &seconds
}

func pendingOf(p core.Pending) pending { return pending{p.Waiting, p.Dead, p.Lag.Seconds()} }
