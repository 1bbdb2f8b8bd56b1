package fuzz

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

const running = `fuzz: elapsed: 0s, gathering baseline coverage: 0/8 completed
fuzz: elapsed: 0s, gathering baseline coverage: 8/8 completed, now fuzzing with 2 workers
fuzz: elapsed: 3s, execs: 8888 (2962/sec), new interesting: 2 (total: 10)
fuzz: elapsed: 1m0s, execs: 25474 (22620/sec), new interesting: 32 (total: 40)
`

func TestWhatGoTestSaysIsRead(t *testing.T) {
	const fails = "--- FAIL: FuzzOpen (0.02s)\n    --- FAIL: FuzzOpen (0.00s)\n        form_test.go:61: got it\n"
	for name, test := range map[string]struct {
		said   string
		exit   bool
		failed bool
		execs  int64
		input  string
	}{
		"it passes":           {running + "PASS\nok  \trekey/core/seal\t1.2s\n", false, false, 25474, ""},
		"an input fails":      {running + fails + "    \n    Failing input written to testdata/fuzz/FuzzOpen/582528ddfad69eb5\n    To re-run:\nFAIL\n", true, true, 25474, "testdata/fuzz/FuzzOpen/582528ddfad69eb5"},
		"a seed fails":        {"--- FAIL: FuzzOpen (0.02s)\n    --- FAIL: FuzzOpen/seed#0 (0.00s)\nFAIL\n", true, true, 0, ""},
		"it does not build":   {"# rekey/core/seal\nseal.go:1:1: expected 'package'\nFAIL\trekey/core/seal [build failed]\n", true, true, 0, ""},
		"its time was up":     {running + "--- FAIL: FuzzOpen (1.10s)\n    context deadline exceeded\nFAIL\nexit status 1\nFAIL\trekey/core/seal\t1.2s\n", true, false, 25474, ""},
		"so was a target's":   {running + fails + "        context deadline exceeded\nFAIL\n", true, true, 25474, ""},
		"it ended in silence": {running, true, true, 25474, ""},
	} {
		var r result
		for line := range strings.Lines(test.said) {
			r.read(strings.TrimSuffix(line, "\n"))
		}
		r.judge(test.exit)
		if r.Failed != test.failed || r.Executions != test.execs || r.Input != test.input || (r.Said == "") == test.failed && name != "it ended in silence" {
			t.Errorf("%s: got %+v", name, r)
		}
	}
}

func TestFailuresAreToldAndEndBadly(t *testing.T) {
	var r report
	r.add(result{Target: "rekey/core.FuzzFold", Executions: 5, Interesting: 2})
	var out bytes.Buffer
	if err := r.print(&out, false); err != nil {
		t.Error(err)
	}
	r.add(result{Target: "rekey/core/seal.FuzzOpen", Executions: 7, Failed: true, Input: "testdata/fuzz/FuzzOpen/5825", Said: "got it"})
	if err := r.print(&out, false); err == nil {
		t.Error("a failure ends well")
	}
	for _, want := range []string{"FuzzOpen failed: testdata/fuzz/FuzzOpen/5825\ngot it", "12 executions", "2 new interesting inputs, 1 failures"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing:\n%s", want, out.String())
		}
	}
	out.Reset()
	var told report
	if err := r.print(&out, true); err == nil || json.Unmarshal(out.Bytes(), &told) != nil || told.Executions != 12 || len(told.Failures) != 1 {
		t.Errorf("as JSON: %v: %s", err, out.String())
	}
}

// The harness in its short form: two targets of this module, a second each.
func TestTargetsAreFoundAndFuzzed(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles with coverage")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var progress bytes.Buffer
	r, err := run(ctx, options{total: 2 * time.Second, packages: "./core/seal/... ./cmd/prove/fuzz/...", only: "^Fuzz(Open|Result)$"}, &progress)
	if err != nil || r.Targets != 2 || r.Executions == 0 || len(r.Failures) > 0 {
		t.Errorf("got %+v, %v\n%s", r, err, progress.String())
	}
}

// A target that fails is found, with the input that it failed on.
func TestAFailureIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles with coverage")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module broken\n\ngo 1.26\n",
		"a_test.go": "package broken\n\nimport \"testing\"\n\nfunc FuzzBroken(f *testing.F) {\n\tf.Add(\"a\")\n" +
			"\tf.Fuzz(func(t *testing.T, s string) {\n\t\tif len(s) > 1 {\n\t\t\tt.Error(\"too long\")\n\t\t}\n\t})\n}\n",
	} {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var progress bytes.Buffer
	r, err := run(t.Context(), options{total: 20 * time.Second, packages: "./...", only: "^Fuzz"}, &progress)
	if err != nil || len(r.Failures) != 1 || !strings.HasPrefix(r.Failures[0].Input, "testdata/fuzz/FuzzBroken/") {
		t.Fatalf("got %+v, %v\n%s", r, err, progress.String())
	}
	if _, err := os.Stat(dir + "/" + r.Failures[0].Input); err != nil {
		t.Error(err)
	}
}

func FuzzResult(f *testing.F) {
	f.Add(running)
	f.Add("    Failing input written to testdata/fuzz/FuzzOpen/582528ddfad69eb5\n")
	f.Fuzz(func(t *testing.T, said string) {
		var r result
		for line := range strings.Lines(said) {
			r.read(line)
		}
		if r.judge(true); r.Executions < 0 || len(r.Said) > maxSaid {
			t.Errorf("%q: got %+v", said, r)
		}
	})
}
