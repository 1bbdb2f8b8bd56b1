package load

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"rekey/config/secret"
)

// shape is what a key holds, as the package's comment lists it.
type shape string

const (
	section shape = "section"
	table   shape = "table"
	list    shape = "list"
	masked  shape = "secret"
	single  shape = "single value"
)

var secretType = reflect.TypeFor[secret.Value]()

// shapeOf returns the shape of a type, and panics for a type that has none.
func shapeOf(t reflect.Type) shape {
	switch {
	case t == secretType:
		return masked
	case scalarOf(t) != nil:
		return single
	case t.Kind() == reflect.Struct:
		return section
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		return table
	case t.Kind() == reflect.Slice && (t.Elem() == secretType || scalarOf(t.Elem()) != nil):
		return list
	}
	panic(fmt.Sprintf("load: no key can hold a %s", t))
}

// field is one key of a section.
type field struct {
	name  string
	index int
}

// spelled is a name that a variable can spell.
var spelled = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)

// fields returns the keys of a section in the order of the struct.
func fields(t reflect.Type) []field {
	var found []field
	for f := range t.Fields() {
		tag := f.Tag.Get("key")
		switch {
		case tag == "-":
		case !f.IsExported() || !spelled.MatchString(tag):
			panic(fmt.Sprintf("load: field %s of %s needs a tag such as `key:%q`, not %q", f.Name, t, strings.ToLower(f.Name), tag))
		case slices.Contains(names(found), tag):
			panic(fmt.Sprintf("load: %s has two fields with the tag %q", t, tag))
		default:
			found = append(found, field{tag, f.Index[0]})
		}
	}
	return found
}

func names(fields []field) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.name)
	}
	return all
}

// structOf returns the struct that target is or points to, and panics if a
// field of it is no key. A struct is copied, a pointer's is not.
func structOf(target any) reflect.Value {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer {
		v = addressable(v)
	} else {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || shapeOf(v.Type()) != section {
		panic(fmt.Sprintf("load: target is a %T, not a struct of keys", target))
	}
	check(v.Type())
	return v
}

// check panics if a type below t has no shape.
func check(t reflect.Type) {
	switch shapeOf(t) {
	case section:
		for _, f := range fields(t) {
			check(t.Field(f.index).Type)
		}
	case table:
		check(t.Elem())
	case list, masked, single:
	}
}

// addressable returns a copy of v that can be set.
func addressable(v reflect.Value) reflect.Value {
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	return copied
}

// entry returns a copy of the table's entry, or a new one with its defaults.
func entry(table reflect.Value, name string) reflect.Value {
	if old := table.MapIndex(nameIn(table, name)); old.IsValid() {
		return addressable(old)
	}
	made := reflect.New(table.Type().Elem())
	if d, ok := made.Interface().(interface{ SetDefaults() }); ok {
		d.SetDefaults()
	}
	return made.Elem()
}

// put stores an entry into the table.
func put(table reflect.Value, name string, entry reflect.Value) {
	if table.IsNil() {
		table.Set(reflect.MakeMap(table.Type()))
	}
	table.SetMapIndex(nameIn(table, name), entry)
}

func nameIn(table reflect.Value, name string) reflect.Value {
	return reflect.ValueOf(name).Convert(table.Type().Key())
}

// entries returns the names of the table's entries, sorted.
func entries(table reflect.Value) []string {
	var all []string
	for _, name := range table.MapKeys() {
		all = append(all, name.String())
	}
	slices.Sort(all)
	return all
}

// each calls f for every list, secret and single value below v, and for every
// table before its entries. f says whether it changed what it was given; each
// says whether any did.
func each(v reflect.Value, k key, f func(key, reflect.Value) bool) bool {
	changed := false
	switch shapeOf(v.Type()) {
	case section:
		for _, field := range fields(v.Type()) {
			changed = each(v.Field(field.index), k.child(field.name), f) || changed
		}
	case table:
		changed = f(k, v)
		for _, name := range entries(v) {
			e := entry(v, name)
			if each(e, k.child(name), f) { // an entry is a copy
				put(v, name, e)
				changed = true
			}
		}
	case list, masked, single:
		changed = f(k, v)
	}
	return changed
}
