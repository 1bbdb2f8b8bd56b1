// Package adaptertest runs transcripts: what a client sends, byte for byte,
// and what it gets. They are the contract of a dialect and its documentation,
// so the same run makes the dialect's PROTOCOL.md.
//
// A transcript is a txtar file. It begins with a heading and prose, and then
// has these sections, the first two once or anew wherever a fresh world is
// wanted:
//
//	-- given --            accounts, tokens and the policy; see [world.given]
//	-- config --           the dialect's section of the configuration, as YAML
//	-- request: title --   a request; what HTTP/1.1 needs beside is added
//	-- response --         the whole response, but Date and X-Request-Id
//	-- then --             the events it left; none if the section is missing
//
// In requests and responses {{name}} stands for a constant of the dialect,
// {{hex ff00}} for bytes, {{repeat 3 ab}} for ababab, and in responses
// {{uuid}} for any UUID. In requests {{id ada}} stands for the id of an account,
// and {{told next}} for a member of the response before.
package adaptertest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"rekey/adapters"
)

var update = flag.Bool("update", false, "rewrite the responses of transcripts and PROTOCOL.md")

// Dialect is what a dialect's test tells of it.
type Dialect struct {
	// New builds the adapter from its section of the configuration, laid
	// over what the test gives every transcript.
	New func(yaml []byte, env adapters.Env) (adapters.Adapter, error)

	// Constants are what {{name}} stands for. They may depend on [Now] only.
	Constants map[string]string
}

// Run runs testdata/*.txtar of the package under test and holds PROTOCOL.md,
// which is testdata/PROTOCOL.md followed by the transcripts, to them. With
// -update it rewrites both instead.
func Run(t *testing.T, d Dialect) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts in testdata: %v", err)
	}
	page, err := os.ReadFile("testdata/PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			page = append(page, d.runFile(t, file)...)
		})
	}
	compare(t, "PROTOCOL.md", page)
}

// runFile runs one transcript and returns its page.
func (d Dialect) runFile(t *testing.T, file string) []byte {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	run := runner{Dialect: d, t: t}
	for i := range archive.Files {
		run.section(archive.Files, i)
	}
	run.finish()
	compare(t, file, txtar.Format(archive))
	return pageOf(archive)
}

// compare holds the file to what was made anew, or rewrites it.
func compare(t *testing.T, file string, made []byte) {
	t.Helper()
	have, err := os.ReadFile(file)
	switch {
	case err == nil && bytes.Equal(have, made):
	case *update:
		if err := os.WriteFile(file, made, 0o644); err != nil {
			t.Fatal(err)
		}
	case !t.Failed():
		t.Errorf("%s is stale; run this test with -update and read what changed", file)
	}
}
