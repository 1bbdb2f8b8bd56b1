package load

import (
	"io"
	"reflect"
	"regexp"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"rekey/config/secret"
	"rekey/core"
)

// Print writes the configuration in target, a struct or a pointer to one, as
// YAML in the order of the struct, tables sorted by name. A secret is written
// as {file: PATH} or, if it was given literally, as [core.Mask], as are a URL's
// password and query; without any of the latter, [Into] reads the same
// configuration back.
func Print(w io.Writer, target any) error {
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := encoder.Encode(node(structOf(target))); err != nil {
		return err
	}
	return encoder.Close()
}

// node returns v as YAML.
func node(v reflect.Value) *yaml.Node {
	switch shapeOf(v.Type()) {
	case section:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, field := range fields(v.Type()) {
			n.Content = append(n.Content, text(field.name), node(v.Field(field.index)))
		}
		return n
	case table:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, name := range entries(v) {
			n.Content = append(n.Content, text(name), node(entry(v, name)))
		}
		return n
	case list:
		n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
		for i := range v.Len() {
			n.Content = append(n.Content, node(v.Index(i)))
		}
		return n
	case masked:
		return secretNode(v.Interface().(secret.Value))
	case single:
	}
	kind := scalarOf(v.Type())
	if kind.bare {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: kind.show(v)}
	}
	return text(disguise(kind.show(v)))
}

func secretNode(v secret.Value) *yaml.Node {
	switch {
	case v.Path() != "":
		return &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle, Content: []*yaml.Node{text("file"), text(v.Path())}}
	case v.IsSet():
		return text(core.Mask)
	}
	return text("")
}

// special are the words that other YAML takes for booleans, and the merge key,
// all of which the encoder leaves bare.
var special = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|<<)$`)

// text returns a string as YAML. The encoder quotes what would read as
// something else. Its block style, which it chooses for several lines, does
// not read back where a line begins with a tab, so it gets no say there.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.ToValidUTF8(s, "\uFFFD")}
	if s == "" || special.MatchString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// line returns v as YAML on one line, for a problem's text.
func line(v reflect.Value) string {
	n := node(v)
	n.Style |= yaml.FlowStyle
	encoded, err := yaml.Marshal(n)
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(encoded))
}
