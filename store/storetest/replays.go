package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"rekey/core"
)

func aboutReplays() []check {
	return []check{
		{"a request is begun once, and its answer is remembered", replayAnswered},
		{"a request that was given up may be begun again", replayForgotten},
		{"a request that expired is begun anew, and its first sender answers it no more", replayTakenOver},
		{"requests are pruned by their expiry", pruneReplays},
	}
}

func replay(key, request string, expires int) core.Replay {
	return core.Replay{Key: key, Request: request, Expires: at(expires)}
}

// begins wants r to be the first, or to meet the one that is given.
func (w *world) begins(second int, r core.Replay, want *core.Replay) {
	w.Helper()
	got, first, err := w.BeginRequest(w.ctx, at(second), r)
	w.must(err)
	same(w, fmt.Sprint("at ", second, ", the first"), first, want == nil)
	if want != nil {
		want.Expires = kept(want.Expires)
		same(w, fmt.Sprint("at ", second, ", what is remembered"), got, *want)
	}
}

func replayAnswered(w *world) {
	r := replay("k", "asked", 60)
	w.begins(0, r, nil)
	w.begins(1, replay("k", "asked otherwise", 99), &core.Replay{Key: "k", Request: "asked", Expires: at(60)})
	w.begins(1, replay("other", "asked", 60), nil)
	answered := core.Replay{Key: "k", Request: "asked", Answer: "sealed", Expires: at(600)}
	w.must(w.AnswerRequest(w.ctx, r.Expires, answered))
	w.begins(599, replay("k", "asked", 999), &answered)
	again := answered
	again.Answer = "another"
	w.must(w.AnswerRequest(w.ctx, answered.Expires, again)) // what is answered stays
	w.must(w.ForgetRequest(w.ctx, answered.Expires, "k"))
	w.begins(599, replay("k", "asked", 999), &answered)
	w.begins(600, replay("k", "asked", 999), nil)
}

func replayForgotten(w *world) {
	r := replay("k", "asked", 60)
	w.begins(0, r, nil)
	w.must(w.ForgetRequest(w.ctx, at(59), "k")) // somebody else's
	w.begins(1, r, &core.Replay{Key: "k", Request: "asked", Expires: at(60)})
	w.must(w.ForgetRequest(w.ctx, r.Expires, "k"))
	w.must(w.ForgetRequest(w.ctx, r.Expires, "k"))
	w.begins(1, replay("k", "asked otherwise", 61), nil)
}

func replayTakenOver(w *world) {
	first, second := replay("k", "asked", 60), replay("k", "asked", 120)
	w.begins(0, first, nil)
	w.begins(60, second, nil)
	late := core.Replay{Key: "k", Answer: "late", Expires: at(900)}
	w.must(w.AnswerRequest(w.ctx, first.Expires, late))
	w.must(w.ForgetRequest(w.ctx, first.Expires, "k"))
	w.begins(61, first, &second)
	w.must(w.AnswerRequest(w.ctx, second.Expires, core.Replay{Key: "k", Answer: "sealed", Expires: at(900)}))
	w.begins(62, first, &core.Replay{Key: "k", Request: "asked", Answer: "sealed", Expires: at(900)})
}

func replayRaces(w *world) {
	for round := range 5 {
		var firsts atomic.Int64
		var group sync.WaitGroup
		for n := range 8 {
			group.Go(func() {
				s := w.all[n%len(w.all)]
				r := replay(fmt.Sprint("race", round), fmt.Sprint("asked by ", n), 60+n)
				kept, first, err := s.BeginRequest(w.ctx, at(0), r)
				if err != nil {
					w.Errorf("begin: %v", err)
				}
				if first {
					firsts.Add(1)
				} else if kept.Request == "" {
					w.Errorf("who was not the first learns nothing of the first")
				}
			})
		}
		group.Wait()
		same(w, "the first ones", firsts.Load(), int64(1))
	}
}

func pruneReplays(w *world) {
	w.begins(0, replay("flying", "asked", 60), nil)
	answered := replay("answered", "asked", 30)
	w.begins(0, answered, nil)
	w.must(w.AnswerRequest(w.ctx, answered.Expires, core.Replay{Key: "answered", Answer: "sealed", Expires: at(50).Add(time.Millisecond)}))
	w.prune(core.PastReplays, 50, 9, 0)
	w.prune(core.PastReplays, 51, 9, 1)
	w.prune(core.PastReplays, 61, 9, 1)
	w.prune(core.PastReplays, 999, 9, 0)
}
