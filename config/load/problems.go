package load

import (
	"cmp"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Key  string // the key's full name, such as "server.timeout"; "" if it concerns no key
	Text string // what is wrong and what to do; fits behind the key, and holds no secret
	At   string // where it was written: "config.yaml:3" or a variable's name; "" if nowhere
}

// String returns the problem on one line.
func (p Problem) String() string {
	switch {
	case p.At == "":
		return p.Key + ": " + p.Text
	case p.Key == "":
		return p.At + ": " + p.Text
	}
	return p.Key + " (" + p.At + "): " + p.Text
}

// Problems is everything that is wrong with a configuration.
type Problems []Problem

// Error returns one line a problem.
func (ps Problems) Error() string {
	var lines []string
	for _, p := range ps {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems as an error, which is nil if there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Sort sorts the problems by key, then by where they are, then by text.
func (ps Problems) Sort() {
	slices.SortFunc(ps, func(p, q Problem) int {
		return cmp.Or(cmp.Compare(p.Key, q.Key), cmp.Compare(p.At, q.At), cmp.Compare(p.Text, q.Text))
	})
}

func (ps Problems) sorted() Problems {
	ps.Sort()
	return ps
}
