package enumeration

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/cmd/prove/rig"
)

// noisy returns n times like those of a derivation, delayed by some time.
func noisy(dice *rand.Rand, n int, delay time.Duration) (all []sample) {
	for range n {
		took := 25*time.Millisecond + time.Duration(dice.ExpFloat64()*float64(time.Millisecond)) + delay
		all = append(all, sample{rig.Answer{Verdict: rig.Refused, Status: 400, Text: "no"}, took})
	}
	return all
}

func TestWhatIsSlowerIsToldApart(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	q := question{situations: make([]situation, 4)}
	c := compare(q, [][]sample{noisy(dice, 400, 0), noisy(dice, 400, 0), noisy(dice, 400, 500*time.Microsecond), noisy(dice, 400, -500*time.Microsecond)})
	for k, want := range []bool{false, false, true, true} {
		if got := c.Situations[k].Told(); got != want {
			t.Errorf("situation %d: told apart is %v: %+v", k, got, c.Situations[k])
		}
	}
	if seen := c.Situations[0].Seen; seen < 50*time.Microsecond || seen > 500*time.Microsecond {
		t.Errorf("of 1 ms of noise it claims to see %v", seen)
	}
}

func TestAnAnswerOfItsOwnIsToldApart(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for name, change := range map[string]func(*rig.Answer){
		"status":   func(a *rig.Answer) { a.Status = 401 },
		"text":     func(a *rig.Answer) { a.Text = "No" },
		"fault":    func(a *rig.Answer) { a.Fault = "no charset" },
		"throttle": func(a *rig.Answer) { a.Status, a.Text = 429, "later" },
	} {
		other := noisy(dice, 50, 0)
		change(&other[17].answer)
		for _, samples := range [][][]sample{{noisy(dice, 50, 0), other}, {other, noisy(dice, 50, 0)}} { // also among the first
			c := compare(question{situations: make([]situation, 2)}, samples)
			if told := (Report{[]Comparison{c}}).Told(); len(told) != 1 {
				t.Errorf("%s: got %v told apart", name, told)
			}
		}
	}
}

func TestSlowerIsAShareOfPairs(t *testing.T) {
	ms := func(n ...time.Duration) []time.Duration { slices.Sort(n); return n }
	for _, c := range []struct {
		a, b []time.Duration
		want float64
	}{
		{ms(1, 2, 3), ms(4, 5), 1}, {ms(4, 5), ms(1, 2, 3), 0}, {ms(1, 2, 3), ms(1, 2, 3), 0.5}, {ms(1, 1), ms(1, 2), 0.75},
	} {
		if got := slower(c.a, c.b); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%v than %v: got %v, want %v", c.b, c.a, got, c.want)
		}
	}
}

// The short form holds the answers to each other, and the comparison to its
// control. It asks too little, on a machine too busy, to judge times.
func TestNobodyCanBeToldByAnAnswer(t *testing.T) {
	var progress strings.Builder
	report, err := Run(t.Context(), Options{Samples: 4, Seed: 1, Progress: &progress})
	if err != nil {
		t.Fatal(err)
	}
	situations := 0
	for _, q := range report.Questions {
		for _, s := range q.Situations {
			situations++
			if s.N != 4 || !s.Control && s.Differs != "" {
				t.Errorf("%s: %s: %d answers, %s", q.Question, s.Name, s.N, s.Differs)
			}
			if s.Control && s.Slower > 0.1 {
				t.Errorf("%s: %s: an answer without a derivation is slower in %.2f of all pairs", q.Question, s.Name, s.Slower)
			}
		}
	}
	if situations != 8+9+5 {
		t.Errorf("got %d situations", situations)
	}
}
