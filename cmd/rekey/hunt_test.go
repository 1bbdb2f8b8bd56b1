package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"
)

// canary is a secret that can be told from everything else.
type canary struct {
	name, text string
	allowed    []string // the places where it is meant to be
	whole      bool     // parts of it are no secrets
	seen       map[string]int
}

// sighting is a canary where it is not meant to be.
type sighting struct{ canary, form, place string }

// hunt looks for canaries in places.
type hunt struct {
	planted  []*canary
	index    map[[least]byte][]needle
	short    []needle // codes of a few digits
	searched map[string]int
	found    map[sighting]int
	around   map[sighting]string // what stands around the first of each
}

// needle is what is looked for: a canary, or a part of it, in one of its forms.
type needle struct {
	text []byte
	form string
	of   *canary
}

// least is the length of a needle, in bytes, that is not met by chance.
// fragment is that of a part, before it is put into a form.
const (
	least    = 8
	fragment = 12
)

func newHunt() *hunt {
	return &hunt{index: map[[least]byte][]needle{}, searched: map[string]int{}, found: map[sighting]int{}, around: map[sighting]string{}}
}

// plant makes text a canary and returns it.
func (h *hunt) plant(name, text string, allowed ...string) string {
	return h.add(&canary{name: name, text: text, allowed: allowed})
}

// plantWhole is [hunt.plant] of a text whose parts may be known.
func (h *hunt) plantWhole(name, text string, allowed ...string) {
	h.add(&canary{name: name, text: text, allowed: allowed, whole: true})
}

func (h *hunt) add(c *canary) string {
	c.seen = map[string]int{}
	h.planted = append(h.planted, c)
	parts := []string{c.text}
	for i := 0; !c.whole && i+fragment < len(c.text); i++ {
		parts = append(parts, c.text[i:i+fragment])
	}
	for _, part := range parts {
		for form, text := range forms(part) {
			n := needle{lower([]byte(text)), form, c}
			switch {
			case form != "plain" && text == part: // that form changes nothing
			case len(n.text) >= least:
				key := [least]byte(n.text)
				h.index[key] = append(h.index[key], n)
			case len(text) >= len(part):
				h.short = append(h.short, n)
			}
		}
	}
	return c.text
}

// search looks through a place.
func (h *hunt) search(place string, content []byte) {
	h.searched[place] += len(content)
	content = lower(content)
	for i := 0; i+least <= len(content); i++ {
		for _, n := range h.index[[least]byte(content[i:])] {
			if bytes.HasPrefix(content[i:], n.text) {
				h.meet(n, place, content, i)
			}
		}
	}
	for _, n := range h.short {
		for from := 0; ; from++ {
			i := bytes.Index(content[from:], n.text)
			if i < 0 {
				break
			}
			from += i
			if end := from + len(n.text); (from == 0 || !joins(content[from-1])) && (end == len(content) || !joins(content[end])) {
				h.meet(n, place, content, from)
			}
		}
	}
}

// joins reports whether the byte beside a few digits makes them part of another number.
func joins(b byte) bool { return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b == '.' }

func (h *hunt) meet(n needle, place string, content []byte, at int) {
	if n.of.seen[place]++; slices.Contains(n.of.allowed, place) {
		return
	}
	s := sighting{n.of.name, n.form, place}
	if h.found[s]++; h.found[s] == 1 {
		h.around[s] = string(content[max(0, at-100):min(len(content), at+100)])
	}
}

// report fails for every canary where it is not meant to be, and for one that is
// not where it is: then the search is blind there.
func (h *hunt) report(t *testing.T) {
	t.Helper()
	met := 0
	for _, c := range h.planted {
		for _, place := range c.allowed {
			if met++; c.seen[place] == 0 {
				t.Errorf("%s is meant to be in %s, and was not found there", c.name, place)
			}
		}
	}
	bytes := 0
	for _, n := range h.searched {
		bytes += n
	}
	places := slices.Sorted(maps.Keys(h.searched))
	t.Logf("canaries planted: %d; places searched: %d (%d bytes); met where they are meant to be: %d; found elsewhere: %d",
		len(h.planted), len(places), bytes, met, len(h.found))
	t.Logf("the places: %s", strings.Join(places, ", "))
	var told []string
	for s, n := range h.found {
		told = append(told, fmt.Sprintf("%s lies in %s, %s (%d times), first in %q", s.canary, s.place, s.form, n, h.around[s]))
	}
	sort.Strings(told)
	for _, line := range told {
		t.Error(line)
	}
}

// lower returns the bytes with ASCII's capitals made small: forms differ in case.
func lower(text []byte) []byte {
	small := slices.Clone(text)
	for i, b := range small {
		if b >= 'A' && b <= 'Z' {
			small[i] = b + 'a' - 'A'
		}
	}
	return small
}
