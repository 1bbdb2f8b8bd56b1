package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rekey/core"
)

// sample stores what a replica has seen of a minute. Its changes are of the
// dialect zap.
func (w *world) sample(replica string, options map[string]string) error {
	kept, ok := w.parts.Store.(core.Samples)
	ago, err := time.ParseDuration("0" + options["ago"])
	if err != nil || !ok {
		return errors.Join(err, fmt.Errorf("no sample of %q", options["ago"]))
	}
	done, derived, mail, events := numbers(options["changes"]), numbers(options["derivations"]), numbers(options["mail"]), numbers(options["events"])
	s := core.Sample{
		Replica: replica, At: Now.Add(-ago).Truncate(time.Minute),
		Derivations: core.Derivations{Workers: derived[0], Running: derived[1], Waiting: derived[2], Refused: derived[3]},
		Outbox:      core.Pending{Waiting: mail[0], Dead: mail[1], Lag: time.Duration(mail[2]) * time.Millisecond},
		Deliveries:  core.Pending{Waiting: events[0], Dead: events[1], Lag: time.Duration(events[2]) * time.Millisecond},
	}
	if options["changes"] != "" {
		s.Changes = map[string]core.Changes{"zap": {Changed: done[0], Refused: done[1], Failed: done[2]}}
	}
	var took core.Spread
	for text := range strings.FieldsFuncSeq(options["took"], func(c rune) bool { return c == ',' }) {
		d, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		took.Add(d)
	}
	s.Took = took.Durations()
	return kept.PutSamples(context.Background(), []core.Sample{s})
}

// numbers reads up to four; what is not there is 0.
func numbers(text string) (all [4]int) {
	for i, word := range strings.SplitN(text, ",", len(all)) {
		all[i], _ = strconv.Atoi(word)
	}
	return all
}
