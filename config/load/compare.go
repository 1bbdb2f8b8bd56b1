package load

import (
	"reflect"
	"slices"

	"rekey/config/secret"
)

// Compare holds an example to the defaults in target, a struct or a pointer
// to one. The example is YAML that gives every key, also the tables, its
// default; what it holds beyond them stands in its comments. Compare reports
// what the example lacks, what it has too much, and where the two differ. It
// reads no secret's file.
func Compare(example []byte, target any) Problems {
	want := structOf(target)
	got := reflect.New(want.Type()).Elem()
	l := loader{origin: map[string]string{}}
	l.source(got, Text("example", example))
	if l.origin[""] == "" && len(l.problems) > 0 { // it is no YAML
		return l.problems.sorted()
	}

	defaults := leaves(want)
	written := leaves(got)
	for name, v := range defaults {
		other, ok := written[name]
		switch at := l.origin[name]; {
		case slices.ContainsFunc(l.problems, func(p Problem) bool { return p.Key == name }):
		case at == "":
			l.problems = append(l.problems, Problem{Key: name, Text: "is missing from the example; its default is " + line(v)})
		case ok && !equal(v, other):
			text := "is " + line(other) + ", but its default is " + line(v)
			l.problems = append(l.problems, Problem{Key: name, Text: text, At: at})
		}
	}
	for name := range written {
		if _, ok := defaults[name]; !ok {
			l.problems = append(l.problems, Problem{Key: name, Text: "is no default; comment it out", At: l.origin[name]})
		}
	}
	return l.problems.sorted()
}

// leaves returns what [each] visits, by the key's full name.
func leaves(root reflect.Value) map[string]reflect.Value {
	found := map[string]reflect.Value{}
	each(root, nil, func(k key, v reflect.Value) bool {
		found[k.String()] = v
		return false
	})
	return found
}

// equal compares what a key holds. Tables are compared entry by entry.
func equal(v, w reflect.Value) bool {
	switch {
	case v.Type() == secretType: // one that is set to "" is one that is not set
		one, two := v.Interface().(secret.Value), w.Interface().(secret.Value)
		return one.Path() == two.Path() && one.Reveal() == two.Reveal()
	case v.Kind() == reflect.Map:
		return true
	case v.Kind() == reflect.Slice && v.Len() == 0:
		return w.Len() == 0
	}
	return reflect.DeepEqual(v.Interface(), w.Interface())
}
