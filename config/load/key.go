package load

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// key is a key's full name, level by level.
type key []string

// bare is a name that is shown without quotes.
var bare = regexp.MustCompile(`^[A-Za-z0-9_-]+(\[[0-9]+\])?$`)

// String returns the name with dots between the levels; a level that holds a
// dot itself is quoted.
func (k key) String() string {
	names := make([]string, len(k))
	for i, name := range k {
		names[i] = name
		if !bare.MatchString(name) {
			names[i] = strconv.Quote(name)
		}
	}
	return strings.Join(names, ".")
}

// child returns the key below k.
func (k key) child(name string) key { return append(k[:len(k):len(k)], name) }

// at returns the name of element i of the list k.
func (k key) at(i int) key {
	last := len(k) - 1
	return k[:last:last].child(fmt.Sprintf("%s[%d]", k[last], i))
}

// variable returns the name of the variable that sets k.
func (k key) variable(prefix string) string {
	levels := make([]string, len(k))
	for i, name := range k {
		levels[i] = strings.ToUpper(fold(name))
	}
	return prefix + strings.Join(levels, levelMark)
}

// levelMark stands between the levels of a variable's name.
const levelMark = "__"

// fold returns how a table's name is written in a variable, in lower case.
func fold(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

// suggest returns ": did you mean X?" for the candidate that is spelled most
// like word, and "" if none is.
func suggest(word string, candidates []string) string {
	if len(word) > 64 { // the comparison costs a product of lengths
		return ""
	}
	nearest, best := "", min(max(len(word)/3, 1), 3)+1
	for _, candidate := range candidates {
		if d := distance(loose(word), loose(candidate)); d < best {
			nearest, best = candidate, d
		}
	}
	if nearest == "" {
		return ""
	}
	return ": did you mean " + nearest + "?"
}

// loose drops what is easily mixed up in a name.
func loose(name string) string { return strings.ReplaceAll(fold(name), "_", "") }

// distance returns how many letters have to be inserted, deleted or replaced
// to make b of a.
func distance(a, b string) int {
	row := make([]int, utf8.RuneCountInString(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range []rune(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range []rune(b) {
			replaced := diagonal
			if x != y {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, diagonal+1, row[j]+1)
		}
	}
	return row[len(row)-1]
}
