package core_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rekey/core"
)

// Everything that CONFORMANCE.md cites must be there: a test that is renamed
// takes its row with it.
func TestTheConformanceTableCitesWhatExists(t *testing.T) {
	text := contents(t, "CONFORMANCE.md")
	for _, problem := range whatExists(t).problems(text) {
		t.Error(problem)
	}
	if rows, _ := requirements(text); len(rows) < 200 {
		t.Errorf("got %d requirements: the tables were not read", len(rows))
	}
}

// Whoever watches the audit trail finds every action in the table of events.
func TestTheConformanceTableNamesEveryEvent(t *testing.T) {
	text := contents(t, "CONFORMANCE.md")
	for _, action := range constants(t, "event.go", "Action") {
		if !strings.Contains(text, "\n| `"+string(action)+"` |") {
			t.Errorf("no row is about the event %s", action)
		}
	}
	for _, code := range core.Codes() {
		if !strings.Contains(text, "`"+string(code)+"`") {
			t.Errorf("nothing is said of the code %s", code)
		}
	}
}

func TestWhatIsMissingFromTheConformanceTableIsFound(t *testing.T) {
	there := existing{
		names:    map[string]bool{"core:TestThere": true, "adapters/zap:1_change": true},
		commands: map[string]bool{"fuzz": true},
		keys:     []string{"attempts.stop", "adapters.zap.issuers.main.max_age"},
	}
	row := func(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |\n" }
	for text, want := range map[string]string{
		row("1.1", "2", "x", "y", "`core:TestThere`, `adapters/zap:1_change`, `go run ./cmd/prove fuzz`"): "",
		row("1.1", "2", "x", "`attempts.stop`, `adapters.zap.issuers.*.max_age`, `core.Codes`", "gap"):    "",
		row("1.1", "2", "x", "y", "`core:TestThere`, duty"):                                               "",
		row("1.1", "2", "x", "y", "`core:TestGone`"):                                                      "1.1: there is no core:TestGone",
		row("1.1", "2", "x", "y", "`zap:1_change`"):                                                       "1.1: there is no zap:1_change",
		row("1.1", "2", "x", "y", "`go run ./cmd/prove gone`"):                                            "1.1: there is no go run ./cmd/prove gone",
		row("1.1", "2", "x", "`attempts.gone`", "gap"):                                                    "1.1: there is no key attempts.gone",
		row("1.1", "2", "x", "`attempts.off: true`", "gap"):                                               "1.1: there is no key attempts.off",
		row("1.1", "2", "x", "`adapters.*.max_age`", "gap"):                                               "1.1: there is no key adapters.*.max_age",
		row("1.1", "2", "x", "y", "tested well"):                                                          "1.1: \"tested well\" is no proof",
		row("1.1", "2", "x", "[there](#there), [too](DESIGN.md#the-shape)", "document") + "\n### There":   "",
		row("1.1", "2", "x", "in a text", "document"):                                                     "1.1: \"document\" is no proof",
		row("1.1", "2", "x", "[text](#gone), [text](GONE.md)", "document"):                                "there is no heading gone; there is no GONE.md",
		row("1.1", "2", "x", "y", ""):                                                                     "1.1: a cell is empty",
		row("1.1", "2", "x", "", "gap"):                                                                   "1.1: a cell is empty",
		row("1.1", "2", "x", "y | z", "gap"):                                                              "1.1: 6 cells",
		row("1.1", "2", "x", "y", "gap") + row("1.1", "1", "x", "y", "gap"):                               "1.1 stands twice",
		row("1.1", "2", "x", "y", "gap") + row("1.1?", "1", "x", "y", "gap"):                              "1.1 stands twice",
		row("1.1", "2", "x", "y", "gap") + "\nand outside, `core:TestGone`":                               "there is no core:TestGone",
	} {
		if got := strings.Join(there.problems(requirementHead+"\n|-|-|-|-|-|\n"+text), "; "); got != want {
			t.Errorf("%s\ngot  %q\nwant %q", text, got, want)
		}
	}
}

// requirementHead begins each table of requirements.
const requirementHead = "| id | L | asked | rekey | shown by |"

// requirements returns the cells of every row of the tables of requirements,
// and the rest of the document.
func requirements(text string) (rows [][]string, rest string) {
	inside := false
	for _, line := range strings.Split(text, "\n") {
		inside = line == requirementHead || inside && strings.HasPrefix(line, "|")
		if !inside || line == requirementHead || strings.HasPrefix(line, "|-") {
			rest += line + "\n"
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows, rest
}

// existing is what may be cited.
type existing struct {
	names    map[string]bool // tests and transcripts, as package:name
	commands map[string]bool // harnesses
	keys     []string        // of the configuration
}

// document is said where a text is asked for, which the row links to.
const document = "document"

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	citation = regexp.MustCompile(`^[a-z0-9/]+:\w+$`)
	harness  = regexp.MustCompile(`^go run \./cmd/prove (\w+)$`)
	setting  = regexp.MustCompile(`^(server|operations|store|passwords|attempts|tokens|sealing|console|mail|log|adapters)((?:\.[a-z0-9_*]+)+)(?:: .+)?$`) // perhaps with a value

	// excuses are said in place of a proof, or beside one that holds for a part.
	excuses = []string{"gap", "duty", "out of scope", document}
)

// problems returns what is wrong with the document.
func (e existing) problems(text string) (found []string) {
	rows, rest := requirements(text)
	seen := map[string]bool{}
	for _, cells := range rows {
		id := strings.TrimSuffix(cells[0], "?") // the wording could not be checked
		if seen[id] {
			found = append(found, id+" stands twice")
		}
		seen[id] = true
		found = append(found, flaws(id, cells)...)
		found = append(found, e.missing(id+": ", strings.Join(cells, " "))...)
	}
	found = append(found, broken(text)...)
	return append(found, e.missing("", rest)...)
}

// flaws returns what is wrong with the form of a row.
func flaws(id string, cells []string) (found []string) {
	switch {
	case len(cells) != 5:
		return []string{fmt.Sprintf("%s: %d cells", id, len(cells))}
	case slices.Contains(cells, ""):
		return []string{id + ": a cell is empty"}
	}
	for _, proof := range strings.Split(cells[4], ", ") {
		name := strings.Trim(proof, "`")
		cited := proof == "`"+name+"`" && (citation.MatchString(name) || harness.MatchString(name))
		if !cited && !slices.Contains(excuses, proof) || proof == document && !link.MatchString(cells[3]) {
			found = append(found, fmt.Sprintf("%s: %q is no proof", id, proof))
		}
	}
	return found
}

// missing returns what is cited and does not exist.
func (e existing) missing(where, text string) (found []string) {
	for _, match := range quoted.FindAllStringSubmatch(text, -1) {
		switch name := match[1]; {
		case citation.MatchString(name) && !e.names[name]:
			found = append(found, where+"there is no "+name)
		case harness.MatchString(name) && !e.commands[harness.FindStringSubmatch(name)[1]]:
			found = append(found, where+"there is no "+name)
		case setting.MatchString(name) && !slices.Contains(core.Actions(), core.Action(name)):
			key, _, _ := strings.Cut(name, ": ")
			if !slices.ContainsFunc(e.keys, func(known string) bool { return fits(known, key) }) {
				found = append(found, where+"there is no key "+key)
			}
		}
	}
	return found
}

// fits reports whether the key is the one that is named; * stands for a name of
// the operator's choice.
func fits(key, name string) bool {
	parts, names := strings.Split(key, "."), strings.Split(name, ".")
	return slices.EqualFunc(parts, names, func(part, name string) bool { return name == "*" || part == name })
}
