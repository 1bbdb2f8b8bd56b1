package core

import (
	"math"
	"slices"

	"golang.org/x/text/cases"

	"rekey/core/wordlist"
)

// Strength says how long a password would withstand somebody who guesses well: the
// scale of zxcvbn, from 0, at most a thousand guesses, to 4, more than ten billion.
// It is advice and decides nothing.
type Strength int

// MostStrength is the top of the scale.
const MostStrength Strength = 4

// guesses are the decimal digits of how many guesses each step of the scale takes.
var guesses = []float64{3, 6, 8, 10}

// judgedUnits bounds what is looked at: the work grows with the square, and what is
// longer is at the top of the scale, unless it repeats itself.
const judgedUnits = 64

// Strength estimates how many guesses p takes that is made of known words, runs,
// sequences and anything else, in the way that costs the fewest. The common
// passwords are known words also where the policy does not refuse them.
func (y Policy) Strength(p Password, own ...string) Strength {
	judged := []rune(p.Reveal())
	units := []rune(cases.Fold().String(string(judged[:min(len(judged), judgedUnits)])))
	var names []string
	for _, name := range slices.Concat(own, y.Words) {
		if name = cases.Fold().String(name); name != "" {
			names = append(names, name)
		}
	}
	digits := cheapest(units, names)
	step, _ := slices.BinarySearch(guesses, digits)
	return Strength(step)
}

// cheapest returns the decimal digits of the guesses for units.
func cheapest(units []rune, names []string) float64 {
	best := make([]float64, len(units)+1)
	for end := 1; end <= len(units); end++ {
		best[end] = best[end-1] + 1 // one of ten, as zxcvbn takes any character
		for begin := range end - 2 {
			if cost, known := part(units[begin:end], names); known {
				best[end] = min(best[end], best[begin]+cost)
			}
		}
	}
	return best[len(units)]
}

// The digits of guesses that a part costs which is not guessed unit by unit: an
// own name is among the first ten, and a common password one of 50,000.
const (
	nameCost   = 1
	commonCost = 4.7
)

// part returns what it costs to guess three units or more at once, if they are
// something that guessers know.
func part(units []rune, names []string) (float64, bool) {
	text := string(units)
	switch {
	case steady(units):
		return 1 + math.Log10(float64(len(units))), true
	case slices.Contains(names, text):
		return nameCost, true
	case len(units) <= longestCommon && wordlist.Common(text):
		return commonCost, true
	}
	return 0, false
}

// longestCommon bounds what is looked up as a common password.
const longestCommon = 24

// steady reports whether all units follow each other at one distance, as in aaa,
// abc and 321.
func steady(units []rune) bool {
	step := units[1] - units[0]
	if step < -1 || step > 1 {
		return false
	}
	for i := 1; i < len(units); i++ {
		if units[i]-units[i-1] != step {
			return false
		}
	}
	return true
}
