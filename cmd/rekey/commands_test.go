package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rekey/store/pgtest"
)

// startCommand runs what an operator types, in the background.
func startCommand(t *testing.T, args ...string) *running {
	t.Helper()
	return start(t, func(ctx context.Context, out, log io.Writer) error {
		root := newRoot()
		root.SetArgs(args)
		root.SetOut(out)
		root.SetErr(log)
		return root.ExecuteContext(ctx)
	})
}

// startDevCommand runs `rekey dev` on a free port.
func startDevCommand(t *testing.T, args ...string) *running {
	t.Helper()
	file := filepath.Join(t.TempDir(), "facts.json")
	r := startCommand(t, append([]string{"dev", "--addr", "127.0.0.1:0", "--facts", file}, args...)...)
	r.introduced(file)
	return r
}

// startServe runs `rekey serve` on the configuration, whose addresses have
// port 0.
func startServe(t *testing.T, file string) *running {
	t.Helper()
	r := startCommand(t, "serve", "--config", file)
	r.serving()
	return r
}

// serving waits until the log says where the server is.
func (r *running) serving() {
	r.t.Helper()
	r.eventually("it serves", func() bool { return len(r.logged("serving")) > 0 })
	entry := r.logged("serving")[0]
	r.BaseURL = fmt.Sprintf("http://%v", entry["address"])
	r.operations, _ = entry["operations"].(string)
}

// run runs what an operator types, with stdin, and returns what stands on its
// standard output and its error in the words of a terminal. What does not end
// by itself is ended.
func run(stdin string, args ...string) (stdout, failure string) {
	var out bytes.Buffer
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(io.Discard)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := root.ExecuteContext(ctx); err != nil {
		failure = advice(err)
	}
	return out.String(), failure
}

// mustRun is [run] of what has to succeed.
func mustRun(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	stdout, failure := run(stdin, args...)
	if failure != "" {
		t.Fatalf("rekey %s: %s", strings.Join(args, " "), failure)
	}
	return stdout
}

// write makes a file in a folder of its own and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// onEveryDatabase runs a test on a new SQLite file and on an empty PostgreSQL
// database.
func onEveryDatabase(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "rekey.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, pgtest.DSN(t)) })
}
