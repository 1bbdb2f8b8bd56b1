package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// printed returns the commands of the introduction, by their dialects.
func (r *running) printed() map[string]string {
	commands := map[string]string{}
	for block := range strings.SplitSeq(r.out.String(), "\n\n") {
		title, command, _ := strings.Cut(strings.TrimSpace(block), "\n")
		if name, _, ok := strings.Cut(strings.TrimPrefix(title, "# "), ": "); ok && strings.HasPrefix(title, "# ") {
			commands[name] = command
		}
	}
	return commands
}

// pasteIntoShell runs the command as whoever copies it does.
func (r *running) pasteIntoShell(command string) answer {
	r.t.Helper()
	out, err := exec.CommandContext(r.t.Context(), "sh", "-c", command).Output()
	if err != nil {
		r.t.Fatalf("%v: %s", err, command)
	}
	response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(out)), nil)
	if err != nil {
		r.t.Fatalf("%v: %s", err, out)
	}
	return read(r.t, response)
}

// understand sends what the command says, without a shell or curl.
func (r *running) understand(command string) answer {
	r.t.Helper()
	q := request{header: map[string]string{}}
	args := words(command)
	if len(args) < 5 || !slices.Equal(args[:4], []string{"curl", "-i", "-X", "POST"}) || len(args)%2 == 0 {
		r.t.Fatalf("not a curl command of ours: %q", args)
	}
	path, ours := strings.CutPrefix(args[4], r.BaseURL)
	q.method, q.path = args[3], path
	for option := range slices.Chunk(args[5:], 2) {
		switch name, value, _ := strings.Cut(option[1], ": "); {
		case option[0] == "-H":
			q.header[name] = value
		case option[0] == "-d" && q.body == "":
			q.body = option[1]
		default:
			ours = false
		}
	}
	if !ours {
		r.t.Fatalf("not a curl command for %s: %q", r.BaseURL, args)
	}
	return r.send(q)
}

// words splits a command as a POSIX shell does, as far as ours need it: single
// quotes, and a backslash before a quote or at a line's end.
func words(command string) []string {
	var all []string
	var word strings.Builder
	quoted, begun := false, false
	command = strings.ReplaceAll(command, "\\\n", "")
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\'':
			quoted, begun = !quoted, true
		case quoted:
			word.WriteByte(c)
		case c == ' ':
			if begun {
				all = append(all, word.String())
			}
			word.Reset()
			begun = false
		case c == '\\' && i+1 < len(command):
			i++
			word.WriteByte(command[i])
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		all = append(all, word.String())
	}
	return all
}

func TestWordsAreReadAsAShellReadsThem(t *testing.T) {
	got := words("curl -i 'a b' \\\n  -d 'it'\\''s \"so\" \\n' ''")
	if want := []string{"curl", "-i", "a b", "-d", `it's "so" \n`, ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
