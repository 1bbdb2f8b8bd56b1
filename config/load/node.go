package load

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// odd returns why a node is refused whatever it is for, or "". It shows
// neither tag nor anchor: they may be a secret that lacks its quotes.
func odd(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return "is an alias, which is not read; write the value itself, in quotes if it begins with *"
	case n.Anchor != "":
		return "has an anchor, which is not read; leave it out, or put a value that begins with & in quotes"
	case n.Style&yaml.TaggedStyle != 0:
		return "has a tag, which is not read; leave it out, or put a value that begins with ! in quotes"
	}
	return ""
}

// pair is one entry of a mapping.
type pair struct {
	name  string
	at    string
	value *yaml.Node
}

// pairs returns the entries of a mapping whose names are in order.
func (d document) pairs(n *yaml.Node, k key) []pair {
	var found []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		earlier := slices.IndexFunc(found, func(p pair) bool { return p.name == name.Value })
		switch text := odd(name); {
		case text != "":
			d.refuse(k, name, "holds a name that "+text)
		case name.Kind != yaml.ScalarNode:
			d.refuse(k, name, "holds a name that is a list or a section; write text")
		case name.Tag == "!!merge":
			d.refuse(k, name, "holds <<, which is not read; write the keys themselves")
		case name.Tag != "!!str":
			d.refuse(k.child(name.Value), name, "is a name that is not text to YAML; put it in quotes")
		case name.Value == "":
			d.refuse(k, name, "holds an empty name")
		case earlier >= 0:
			d.refuse(k.child(name.Value), name, "is given twice, first at "+found[earlier].at)
		default:
			found = append(found, pair{name.Value, d.at(name), value})
		}
	}
	return found
}

var lineOf = regexp.MustCompile(`^line ([0-9]+): `)

// syntax returns the line and the text of what the parser found wrong. It
// shows nothing of the document.
func syntax(err error, document []byte) (line int, text string) {
	text = strings.TrimPrefix(err.Error(), "yaml: ")
	if found := lineOf.FindStringSubmatch(text); found != nil {
		line, _ = strconv.Atoi(found[1])
		text = strings.TrimPrefix(text, found[0])
	}
	// What the grammar finds is counted from 0, what the scanner finds from 1.
	if line > 0 && slices.ContainsFunc(grammar, func(part string) bool { return strings.Contains(text, part) }) {
		line++
	}
	if name, ok := strings.CutPrefix(text, "unknown anchor '"); ok {
		name = strings.TrimSuffix(name, "' referenced")
		text = "an alias that names no anchor; put a value that begins with * in quotes"
		line = lineAt(document, bytes.Index(document, []byte("*"+name)))
	}
	if i := unreadable(document); i >= 0 {
		text, line = "is not text in UTF-8, or holds a control character", lineAt(document, i)
	}
	return cmp.Or(line, 1), "is not YAML: " + text
}

// grammar is how the texts of go.yaml.in/yaml/v3, parserc.go, are told from
// those of its scanner.
var grammar = []string{"expected node content", "expected '-'", "expected key", "expected ','", "expected <", "undefined tag handle"}

// unreadable returns where the first character is that YAML does not have, or
// -1.
func unreadable(document []byte) int {
	for i := 0; i < len(document); {
		r, size := utf8.DecodeRune(document[i:])
		if r == utf8.RuneError && size == 1 || unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\u0085", r) {
			return i
		}
		i += size
	}
	return -1
}

// lineAt returns the line of the byte at i, counted from 1.
func lineAt(document []byte, i int) int {
	return 1 + bytes.Count(document[:max(i, 0)], []byte("\n"))
}
