package main

import (
	"os/exec"
	"strings"
	"testing"

	"rekey/core/leftout"
)

// A client that shares no line with us.
func TestAClientInPythonWorksOnce(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		leftout.Skip(t, "python3, to run testdata/client.py with")
	}
	r := startDev(t)
	out, err := exec.CommandContext(t.Context(), python, "testdata/client.py", r.file).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 2*len(dialects()) {
		t.Fatalf("got %d lines:\n%s", len(lines), out)
	}
	for n, d := range dialects() {
		if want := strings.TrimSpace(d.name + " 200 " + d.yes); strings.TrimSpace(lines[n]) != want {
			t.Errorf("got %q, want %q", lines[n], want)
		}
		if again := lines[n+len(dialects())]; !strings.Contains(again, d.refusals[spent].code) {
			t.Errorf("again: got %q, want %v", again, d.refusals[spent])
		}
		r.knows(n, "pythonés fresh staple 😀")
	}
}
