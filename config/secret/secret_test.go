package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rekey/config/secret"
	"rekey/core"
)

func TestSecretPrintsAsMask(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := secret.InFile(path).Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []secret.Value{secret.New("hunter2"), read} {
		var logged bytes.Buffer
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "secret", v)
		marshalled, err := json.Marshal(map[string]any{"secret": v, "inside": struct{ V secret.Value }{v}})
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []string{
			fmt.Sprint(v), fmt.Sprintf("%v %+v %#v %s %q %x", v, v, v, v, v, v), fmt.Sprintf("%+v", struct{ v secret.Value }{v}),
			v.Source(), logged.String(), string(marshalled),
		} {
			if strings.Contains(got, "hunter2") || strings.Contains(got, fmt.Sprintf("%x", "hunter2")) {
				t.Errorf("got %s, want no secret in it", got)
			}
		}
		if v.Reveal() != "hunter2" || !v.IsSet() {
			t.Errorf("got %q, set %v; want the text revealed", v.Reveal(), v.IsSet())
		}
	}
}

func TestSourceTellsWhereSecretComesFrom(t *testing.T) {
	for _, test := range []struct {
		value      secret.Value
		path, want string
		set        bool
	}{
		{secret.Value{}, "", "", false},
		{secret.New(""), "", "", false},
		{secret.New("x"), "", core.Mask, true},
		{secret.InFile("/run/x"), "/run/x", "{file: /run/x}", false},
	} {
		if got := test.value.Source(); got != test.want || test.value.IsSet() != test.set || test.value.Path() != test.path {
			t.Errorf("got %q, set %v, path %q; want %+v", got, test.value.IsSet(), test.value.Path(), test)
		}
	}
}

func TestFileGivesSecret(t *testing.T) {
	for _, test := range []struct{ name, content, want, problem string }{
		{name: "as it is", content: "a b", want: "a b"},
		{name: "without its line end", content: "x\n", want: "x"},
		{name: "without its line end of two bytes", content: "x\r\n", want: "x"},
		{name: "without one line end only", content: "x\n\n", want: "x\n"},
		{name: "with spaces kept", content: " x \n", want: " x "},
		{name: "with a carriage return kept", content: "x\r", want: "x\r"},
		{name: "with bytes kept", content: "\xff\x00", want: "\xff\x00"},
		{name: "at the limit", content: strings.Repeat("x", 64<<10), want: strings.Repeat("x", 64<<10)},
		{name: "empty", content: "", problem: "is empty"},
		{name: "of a line end only", content: "\n", problem: "is empty"},
		{name: "over the limit", content: strings.Repeat("x", 64<<10+1), problem: "is larger than 65536 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := secret.InFile(path).Read()
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) || !strings.Contains(err.Error(), path) {
					t.Fatalf("got error %v, want %q and the path", err, test.problem)
				}
				return
			}
			if err != nil || got.Reveal() != test.want || got.Path() != path {
				t.Errorf("got %q, %v of %q; want %q", got.Reveal(), err, got.Path(), test.want)
			}
		})
	}
}

func TestUnreadableFileIsAnError(t *testing.T) {
	directory := t.TempDir()
	for path, want := range map[string]string{
		directory: "is a directory", filepath.Join(directory, "none"): "no such file",
	} {
		if got, err := secret.InFile(path).Read(); err == nil || !strings.Contains(err.Error(), want) || got.IsSet() {
			t.Errorf("%s: got %v, set %v; want %q", path, err, got.IsSet(), want)
		}
	}
}

func TestLiteralSecretIsReadAsItIs(t *testing.T) {
	if got, err := secret.New("x").Read(); err != nil || got.Reveal() != "x" {
		t.Errorf("got %q, %v; want it unchanged", got.Reveal(), err)
	}
}
