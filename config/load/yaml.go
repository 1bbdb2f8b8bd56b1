package load

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"go.yaml.in/yaml/v3"

	"rekey/config/secret"
)

// document reads one YAML document.
type document struct {
	*loader
	name string
}

func (d document) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", d.name, n.Line) }

func (d document) refuse(k key, n *yaml.Node, text string) { d.loader.refuse(k, d.at(n), text) }

// parse returns the mapping at the top, or nil if there is nothing to read.
func (d document) parse(text []byte) *yaml.Node {
	var first, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&first)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if err = decoder.Decode(&second); err == nil {
			d.refuse(nil, &second, "a second document begins here: write one document a file")
			return nil
		}
	}
	if !errors.Is(err, io.EOF) {
		line, problem := syntax(err, text)
		d.loader.refuse(nil, fmt.Sprintf("%s:%d", d.name, line), problem)
		return nil
	}
	top := first.Content[0]
	if top.Kind != yaml.MappingNode && top.Tag != null {
		d.refuse(nil, top, "is no mapping: write the names of the sections with a colon after each")
		return nil
	}
	return top
}

// null is YAML's tag of a value that is not there.
const null = "!!null"

// decode reads n into v.
func (d document) decode(v reflect.Value, n *yaml.Node, k key) {
	d.origin[k.String()] = d.at(n)
	if text := odd(n); text != "" {
		d.refuse(k, n, text)
		return
	}
	shape := shapeOf(v.Type())
	switch {
	case n.Tag == null && (shape == section || shape == table):
	case n.Tag == null:
		d.refuse(k, n, "has no value; write one, or leave the key out")
	case shape == section:
		d.section(v, n, k)
	case shape == table:
		d.table(v, n, k)
	case shape == list:
		d.list(v, n, k)
	case shape == masked:
		d.secret(v, n, k)
	default:
		d.single(v, n, k)
	}
}

func (d document) section(v reflect.Value, n *yaml.Node, k key) {
	if n.Kind != yaml.MappingNode {
		d.refuse(k, n, "is a section; write its keys below it, indented")
		return
	}
	known := fields(v.Type())
next:
	for _, pair := range d.pairs(n, k) {
		for _, field := range known {
			if field.name == pair.name {
				d.decode(v.Field(field.index), pair.value, k.child(pair.name))
				continue next
			}
		}
		d.loader.refuse(k.child(pair.name), pair.at, "is no key"+suggest(pair.name, names(known)))
	}
}

func (d document) table(v reflect.Value, n *yaml.Node, k key) {
	if n.Kind != yaml.MappingNode {
		d.refuse(k, n, "is a table; write its entries below it, indented, each by its name")
		return
	}
	for _, pair := range d.pairs(n, k) {
		e := entry(v, pair.name)
		d.decode(e, pair.value, k.child(pair.name))
		put(v, pair.name, e)
	}
}

func (d document) list(v reflect.Value, n *yaml.Node, k key) {
	if n.Kind != yaml.SequenceNode {
		d.refuse(k, n, "is a list; write its elements in brackets, such as [a, b]")
		return
	}
	made := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, element := range n.Content {
		d.decode(made.Index(i), element, k.at(i))
	}
	v.Set(made)
}

// secret never shows what was written: it may be the secret itself.
func (d document) secret(v reflect.Value, n *yaml.Node, k key) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!str":
		if text := literal(v, n.Value); text != "" {
			d.refuse(k, n, text)
		}
	case n.Kind == yaml.ScalarNode:
		d.refuse(k, n, "is not text to YAML; put it in quotes, so that it stays as it is written")
	case n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "file" && n.Content[1].Tag == "!!str" && n.Content[1].Value != "":
		v.Set(reflect.ValueOf(secret.InFile(n.Content[1].Value)))
	default:
		d.refuse(k, n, "is a secret; write it as text in quotes, or as {file: PATH}")
	}
}

func (d document) single(v reflect.Value, n *yaml.Node, k key) {
	kind := scalarOf(v.Type())
	var text string
	switch quoted := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0; {
	case n.Kind != yaml.ScalarNode:
		text = "is one value; write " + kind.want
	case kind.text && n.Tag != "!!str":
		text = "is not text to YAML; put it in quotes, so that it stays as it is written"
	case kind.bare && quoted:
		text = "is text; write " + kind.want + ", without quotes"
	default:
		text = kind.set(v, n.Value)
	}
	if text != "" {
		d.refuse(k, n, text)
	}
}
