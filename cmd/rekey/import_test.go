package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rekey/core"
)

// usersFile returns a file of n users.
func usersFile(n int) string {
	var file strings.Builder
	for i := range n {
		fmt.Fprintf(&file, "{\"username\":\"user%d\",\"external_ids\":{\"zap\":\"%d\"},\"hash\":%q}\n", i, i, unleashHash)
	}
	return file.String()
}

// readerFunc does something when it is read, and is empty.
type readerFunc func()

func (f readerFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}

func TestAnImportThatIsCutOffGoesOnWhenItIsRunAgain(t *testing.T) {
	const users = 5000
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		t.Setenv("REKEY_STORE__DSN", dsn)
		mustRun(t, "", "migrate")
		ctx, cancel := context.WithCancel(t.Context())
		file := usersFile(users)
		half := strings.Index(file, `{"username":"user3500"`)
		root := newRoot()
		root.SetArgs([]string{"import", "-t", "acme", "-"})
		root.SetIn(io.MultiReader(strings.NewReader(file[:half]), readerFunc(cancel), strings.NewReader(file[half:])))
		root.SetOut(io.Discard)
		root.SetErr(io.Discard)
		if err := root.ExecuteContext(ctx); err == nil {
			t.Error("what was cut off succeeds")
		}
		in := strings.Count(mustRun(t, "", "export"), "\n")
		if in%importBatch != 0 || in >= users {
			t.Errorf("%d accounts are in, want whole batches and not all", in)
		}
		out := mustRun(t, file, "import", "-t", "acme", "-")
		if want := fmt.Sprintf("added %d\nmerged 0\nunchanged %d\n", users-in, in); !strings.HasPrefix(out, want) {
			t.Errorf("then it prints %q, want %q", out, want)
		}
	})
}

func TestWhatIsExportedComesBackWholeOnEveryDatabase(t *testing.T) {
	first := "sqlite:" + filepath.Join(t.TempDir(), "first.db")
	t.Setenv("REKEY_STORE__DSN", first)
	t.Setenv("REKEY_SEALING__ACTIVE", "k1")
	t.Setenv("REKEY_SEALING__KEYS__K1", strings.Repeat("AAAA", 10)+"AAA=")
	for _, password := range []string{"forgotten tomorrow", "forgotten already"} {
		mustRun(t, password, "account", "add", "-t", strings.Fields(password)[1], "--username", "ada", "--email", "ada@x.example", "--id", "zap=7", "--attribute", "unleash.role=editor")
	}
	mustRun(t, "", "account", "otp", "enroll", "-t", "tomorrow", "ada")
	mustRun(t, "", "account", "disable", "-t", "already", "ada")
	want := mustRun(t, "", "export")
	for _, part := range []string{`"history":[{"hash":"$argon2id$`, `"history_salt":`, `"factor":{"sealed":"k1.`, `"disabled":true`, `"unleash.role":"editor"`} {
		if !strings.Contains(want, part) {
			t.Errorf("the export has no %s: %s", part, want)
		}
	}
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		t.Setenv("REKEY_STORE__DSN", dsn)
		mustRun(t, "", "migrate")
		mustRun(t, want, "import", "-")
		if got := mustRun(t, "", "export"); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if out := mustRun(t, want, "import", "-"); !strings.Contains(out, "unchanged 2") {
			t.Errorf("again it prints %q", out)
		}
	})
}

func TestAnExportIsReadableByItsOwnerOnly(t *testing.T) {
	t.Setenv("REKEY_STORE__DSN", "sqlite:"+filepath.Join(t.TempDir(), "rekey.db"))
	file := filepath.Join(t.TempDir(), "all.jsonl")
	mustRun(t, "", "export", "-o", file)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want mode 600", info.Mode(), err)
	}
	if left, _ := filepath.Glob(file + ".part"); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestEveryRefusalIsWorded(t *testing.T) {
	if len(refusals) != len(core.Reasons()) {
		t.Errorf("%d reasons are worded, of %d", len(refusals), len(core.Reasons()))
	}
	for _, reason := range core.Reasons() {
		text := wordRefusal(core.Refusal{Reason: reason, Field: "field", Other: "other", Err: errors.New("field")})
		if !strings.HasPrefix(text, "field: ") {
			t.Errorf("%s: %q", reason, text)
		}
	}
}

func TestProgressIsALineNowAndThenWhereThereIsNoTerminal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "line", extent{100, func() int64 { return 25 }}).(*plainLines)
	p.tell(counts{read: 1})
	if out.Len() > 0 {
		t.Errorf("at once it says %q", out.String())
	}
	p.start, p.last = p.start.Add(-10*time.Second), p.last.Add(-10*time.Second)
	p.tell(counts{read: 500, refused: 3})
	p.tell(counts{read: 501})
	if got, want := out.String(), "500 lines, 3 refused, 50/s, 30s left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if strings.ContainsAny(out.String(), "\r\x1b") {
		t.Error("it writes control characters")
	}
}
