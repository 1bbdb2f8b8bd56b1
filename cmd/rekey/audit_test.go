package main

import (
	"context"
	"database/sql"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to tamper with the database
)

// A server seals what its clients do, and whoever alters it then is found.
func TestAServerSealsAndTamperingIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rekey.db")
	file := write(t, "rekey.yaml", `
server: {address: "127.0.0.1:0"}
operations: {address: "127.0.0.1:0"}
store: {dsn: "sqlite:`+path+`"}
audit: {seal_every: 1s}
sealing: {active: k1, keys: {k1: bm90IGEga2V5OiBtYWtlIG9uZSBvZiB5b3VyIG93biE=}}
adapters: {unleash: {enabled: true}}
`)
	mustRun(t, "forgotten tomorrow\n", "account", "add", "-c", file, "-t", "acme", "--username", "ada")
	r := startServe(t, file)
	r.eventually("it is sealed", func() bool { return len(r.logged("sealed")) > 0 })
	anchor, _ := r.logged("sealed")[0]["anchor"].(string)
	mustRun(t, "", "account", "disable", "-c", file, "-t", "acme", "ada")
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if out := mustRun(t, "", "audit", "verify", "-c", file, "--anchor", anchor); !strings.Contains(out, "2 batches with 2 events verified, 0 findings") {
		t.Errorf("got %s, want the end of the server to have sealed the rest", out)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "UPDATE events SET action = 'account.enabled' WHERE action = 'account.disabled'"); err != nil {
		t.Fatal(err)
	}
	out, failure := run("", "audit", "verify", "-c", file)
	if !strings.Contains(failure, "does not hold: 1 findings") || !strings.Contains(out, `of tenant "acme"`) || !strings.Contains(out, "batch 2: event ") {
		t.Errorf("got %s, %s", out, failure)
	}
	if out := mustRun(t, "", "audit", "list", "-c", file, "--json"); strings.Contains(out, "forgotten") {
		t.Errorf("the trail tells a password: %s", out)
	}
}

func TestTailFollowsWhatIsRecorded(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		file := write(t, "rekey.yaml", "store: {dsn: '"+dsn+"'}\n")
		mustRun(t, "", "migrate", "-c", file)
		add := func(name string) {
			mustRun(t, "", "account", "add", "-c", file, "-t", "acme", "--no-password", "--username", name)
		}
		add("ada")
		add("alan")
		reader, writer := io.Pipe()
		ctx, stop := context.WithTimeout(t.Context(), patience)
		defer stop()
		ended := make(chan error, 1)
		go func() {
			root := newRoot()
			root.SetArgs([]string{"audit", "tail", "-c", file, "-n", "1", "--action", "account.created"})
			root.SetOut(writer)
			root.SetErr(io.Discard)
			err := root.ExecuteContext(ctx)
			_ = writer.Close()
			ended <- err
		}()
		lines := make(chan string, 100)
		go func() {
			var rest string
			buffer := make([]byte, 1000)
			for {
				n, err := reader.Read(buffer)
				rest += string(buffer[:n])
				for line, after, ok := strings.Cut(rest, "\n"); ok; line, after, ok = strings.Cut(rest, "\n") {
					lines <- line
					rest = after
				}
				if err != nil {
					close(lines)
					return
				}
			}
		}()
		for _, want := range []string{"TIME", " alan "} {
			if line := <-lines; !strings.Contains(line, want) {
				t.Errorf("got %q, want %q", line, want)
			}
		}
		add("grace")
		mustRun(t, "", "account", "disable", "-c", file, "-t", "acme", "ada")
		mustRun(t, "", "audit", "seal", "-c", file)
		add("edsger")
		for _, want := range []string{" grace ", " edsger "} {
			if line := <-lines; !strings.Contains(line, want) {
				t.Errorf("got %q, want %q", line, want)
			}
		}
		time.Sleep(2 * tailEvery)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("interrupted: got %v", err)
		}
		for line := range lines {
			t.Errorf("got more: %q", line)
		}
	})
}
