package fuzz

import (
	"regexp"
	"strconv"
	"strings"
)

// result is what one target's run said.
type result struct {
	Target      string `json:"target"`
	Executions  int64  `json:"executions"`
	Interesting int64  `json:"new_interesting"`
	Failed      bool   `json:"failed"`
	Input       string `json:"input,omitempty"` // the file that holds what failed, below the package; "" for a seed in the source
	Said        string `json:"said,omitempty"`  // what go test printed of a failure
}

var (
	counts = regexp.MustCompile(`^fuzz: elapsed: .*, execs: (\d+) \(\d+/sec\), new interesting: (\d+) \(total: \d+\)$`)
	saved  = regexp.MustCompile(`^\s*Failing input written to (\S+)$`)
)

// maxSaid bounds what is kept of a failure's words, in bytes.
const maxSaid = 8 << 10

// read takes one line of go test's output, and reports whether it tells of
// progress.
func (r *result) read(line string) bool {
	if found := counts.FindStringSubmatch(line); found != nil {
		r.Executions, _ = strconv.ParseInt(found[1], 10, 64)
		r.Interesting, _ = strconv.ParseInt(found[2], 10, 64)
		return true
	}
	if found := saved.FindStringSubmatch(line); found != nil {
		r.Input = found[1]
	}
	if strings.HasPrefix(line, "fuzz: ") {
		return true
	}
	if len(r.Said)+len(line) < maxSaid {
		r.Said += line + "\n"
	}
	return false
}

// late is all that Go 1.26 may say of a target whose time ended while an input
// was tried (https://go.dev/issue/75804). It is no finding.
var late = regexp.MustCompile(`^--- FAIL: \w+ \([0-9.]+s\)\n    context deadline exceeded\nFAIL\n(exit status 1\n)?FAIL\s[^\n]*\n(FAIL\n)?$`)

// judge says whether the target failed, now that its process ended.
func (r *result) judge(exit bool) {
	r.Failed = exit && !late.MatchString(r.Said)
	if !r.Failed {
		r.Said = ""
	}
}

// where returns where the input is that failed.
func (r *result) where() string {
	if r.Input == "" {
		return "no input was saved: a seed fails, or the target does not build"
	}
	return r.Input
}
