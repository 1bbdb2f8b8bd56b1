package load

import "reflect"

// Setting is a key with what it holds, as [Print] shows it.
type Setting struct {
	Key, Value string
	Default    string // what it holds where nothing is said
	Changed    bool   // whether they differ, also where both are masked
}

// Settings returns every key of target, in the order of the struct and tables
// sorted by name. standard is a configuration that says nothing, of the same type;
// an entry of a table is held to one that says nothing.
func Settings(target, standard any) []Setting {
	var all []Setting
	settings(structOf(target), structOf(standard), nil, func(s Setting) { all = append(all, s) })
	return all
}

func settings(v, standard reflect.Value, k key, tell func(Setting)) {
	switch shapeOf(v.Type()) {
	case section:
		for _, field := range fields(v.Type()) {
			settings(v.Field(field.index), standard.Field(field.index), k.child(field.name), tell)
		}
		return
	case table:
		for _, name := range entries(v) {
			settings(entry(v, name), entry(standard, name), k.child(name), tell)
		}
		if v.Len() > 0 {
			return
		}
	case list, masked, single:
	}
	is, was := shownOf(k, v, nil), shownOf(k, standard, nil) // digests that nobody sees need no salt
	tell(Setting{Key: k.String(), Value: is.Text, Default: was.Text, Changed: is != was})
}
