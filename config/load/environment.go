package load

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"rekey/config/secret"
)

// variables reads the environment over what root holds.
type variables struct {
	*loader
	prefix string
	given  map[string]string // the variable that set a key, by the key's full name
}

func (l *loader) environment(root reflect.Value, o Options) {
	if o.Prefix == "" {
		return
	}
	e := variables{loader: l, prefix: o.Prefix, given: map[string]string{}}
	// Sorted, so that the order of the environment decides nothing.
	for _, entry := range slices.Sorted(slices.Values(o.Environ)) {
		name, value, ok := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, o.Prefix)
		if !ok || !ours || o.Ignore != nil && o.Ignore(name) {
			continue
		}
		v := variable{name: name, value: value, levels: strings.Split(strings.ToLower(rest), levelMark)}
		if !e.apply(root, v, v.levels, nil) {
			e.unknown(root, v)
		}
	}
}

// variable is one entry of the environment.
type variable struct {
	name, value string
	levels      []string
}

// apply sets what the levels say below target, and reports whether there is
// such a key.
func (e *variables) apply(target reflect.Value, v variable, levels []string, k key) bool {
	shape := shapeOf(target.Type())
	switch {
	case len(levels) == 0 && (shape == section || shape == table):
		e.refuse(k, v.name, "is a "+string(shape)+"; set its keys, each by its own variable, such as "+v.name+levelMark+"KEY")
		return true
	case shape == section:
		for _, field := range fields(target.Type()) {
			if field.name == levels[0] {
				return e.apply(target.Field(field.index), v, levels[1:], k.child(field.name))
			}
		}
		return false
	case shape == table:
		return e.table(target, v, levels, k)
	case shape == masked && slices.Equal(levels, []string{"file"}), len(levels) == 0:
		if text := e.set(target, v, len(levels) > 0, k); text != "" {
			e.refuse(k, v.name, text)
		}
		return true
	}
	return false
}

// table applies v to the entry that the first level names: one that is there
// and is written so in a variable, or else a new one.
func (e *variables) table(target reflect.Value, v variable, levels []string, k key) bool {
	name := levels[0]
	same := slices.DeleteFunc(entries(target), func(other string) bool { return fold(other) != name })
	switch {
	case name == "":
		return false
	case len(same) > 1:
		e.refuse(k, v.name, "names several entries: "+strings.Join(same, ", ")+"; set this key in the file")
		return true
	case len(same) == 1:
		name = same[0]
	}
	made := entry(target, name)
	known := e.apply(made, v, levels[1:], k.child(name))
	put(target, name, made)
	return known
}

// set sets target to the variable's value and returns the problem's text, or
// "" if there is none.
func (e *variables) set(target reflect.Value, v variable, inFile bool, k key) string {
	if earlier, twice := e.given[k.String()]; twice {
		return "is given by " + earlier + " too; unset one of them"
	}
	e.given[k.String()], e.origin[k.String()] = v.name, v.name
	if !utf8.ValidString(v.value) {
		return "is not text in UTF-8"
	}
	switch shapeOf(target.Type()) { //nolint:exhaustive // a section or table is no variable's value; the rest is below
	case list:
		return e.list(target, v, k)
	case masked:
		switch {
		case !inFile:
			return literal(target, v.value)
		case v.value == "":
			return "names no file"
		}
		target.Set(reflect.ValueOf(secret.InFile(v.value)))
		return ""
	}
	return scalarOf(target.Type()).set(target, v.value)
}

// list splits the value at commas; an empty value is the empty list.
func (e *variables) list(target reflect.Value, v variable, k key) string {
	parts := strings.Split(v.value, ",")
	if strings.TrimSpace(v.value) == "" {
		parts = nil
	}
	made := reflect.MakeSlice(target.Type(), len(parts), len(parts))
	for i, part := range parts {
		part = strings.TrimSpace(part)
		text := "is empty; write the elements with one comma between them"
		switch {
		case part == "":
		case target.Type().Elem() == secretType:
			text = literal(made.Index(i), part)
		default:
			text = scalarOf(target.Type().Elem()).set(made.Index(i), part)
		}
		if text != "" {
			e.refuse(k.at(i), v.name, text)
		}
	}
	target.Set(made)
	return ""
}

// unknown refuses a variable that names no key.
func (e *variables) unknown(root reflect.Value, v variable) {
	var known []string
	each(root, nil, func(k key, v reflect.Value) bool {
		if v.Kind() != reflect.Map {
			known = append(known, k.variable(""))
		}
		return false
	})
	hint := suggest(strings.TrimPrefix(v.name, e.prefix), known)
	hint = strings.Replace(hint, "did you mean ", "did you mean "+e.prefix, 1)
	e.refuse(v.levels, v.name, "is no key"+hint)
}
