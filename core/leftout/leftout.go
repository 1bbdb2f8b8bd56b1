// Package leftout tells which tests a machine leaves out. It supports tests.
package leftout

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// RequireEnv names the variable that makes tests fail, instead of being left
// out, when it is 1, as it is in CI.
const RequireEnv = "REKEY_TEST_REQUIRE_ALL"

var told sync.Map // what this test binary has told already

// Skip ends the test, because the machine lacks what it needs: need says what,
// and how to get it. It says so once for a test binary, aloud.
func Skip(t testing.TB, need string) {
	t.Helper()
	if os.Getenv(RequireEnv) == "1" {
		t.Fatalf("%s is 1, and this machine lacks %s", RequireEnv, need)
	}
	Excuse(t, need)
}

// Excuse is [Skip] also where nothing may be left out: for what cannot be
// installed, such as a privilege.
func Excuse(t testing.TB, need string) {
	t.Helper()
	tell(need)
	t.Skip("for want of " + need)
}

// Part says, once and aloud, that a test goes on without the part that need is
// lacking for. It fails where nothing may be left out.
func Part(need string) error {
	if os.Getenv(RequireEnv) == "1" {
		return fmt.Errorf("%s is 1, and this machine lacks %s", RequireEnv, need)
	}
	tell(need)
	return nil
}

func tell(need string) {
	if _, already := told.LoadOrStore(need, true); !already {
		aloud(fmt.Sprintf("LEFT OUT: part of %s, for want of %s", filepath.Base(os.Args[0]), need))
	}
}

// aloud writes where whoever runs the tests sees it: of a package that passes,
// go test shows the output to nobody. So it goes to the standard error of go
// test itself, or else to the terminal.
func aloud(text string) {
	for _, path := range []string{fmt.Sprintf("/proc/%d/fd/2", os.Getppid()), "/dev/tty"} {
		out, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0) //nolint:gosec // a stream, not a file
		if err != nil {
			continue
		}
		_, err = fmt.Fprintln(out, text)
		if out.Close() == nil && err == nil {
			return
		}
	}
	_, _ = fmt.Fprintln(os.Stderr, text)
}
