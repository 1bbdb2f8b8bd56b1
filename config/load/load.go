// Package load reads configuration into a struct: YAML over the defaults that
// the struct holds, then environment variables over both. It is strict,
// reports everything at once, and knows no section of rekey.
//
// The struct's tags name the keys: `key:"name"`, in lower case, or "-" for
// a field that is no key. A field is
//
//   - a section: a struct of fields;
//   - a table: a map from names to any of these. A new entry starts as its
//     zero value, or as its method SetDefaults leaves it. The layers merge by
//     name;
//   - a list: a slice of single values or secrets. A layer replaces it whole;
//   - a secret: a [secret.Value], given literally or as {file: PATH};
//   - a single value: a bool, a number, a string, a duration, or a type that
//     marshals as text and back, such as [net/netip.Prefix].
//
// Any other field is a mistake in the program, for which all functions panic.
//
// A variable names its key by the prefix and the names of all levels, with
// two underscores between them and in upper case: REKEY_SERVER__TIMEOUT is
// server.timeout. In a table's names, '-' and '.' are written as '_'. A list
// is split at its commas.
package load

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
)

// Options says where the configuration comes from.
type Options struct {
	Sources []Source // YAML, each over those before it
	Environ []string // variables as os.Environ returns them
	Prefix  string   // which variables are read, such as "REKEY_"; "" means none

	// Ignore reports whether a variable with the prefix is no key. Kubernetes
	// sets NAME_SERVICE_HOST and NAME_PORT for every service. May be nil.
	Ignore func(variable string) bool
}

// Source is one YAML document.
type Source struct {
	name string
	read func() ([]byte, error)
}

// File returns the source in the file at path, which is read by [Into].
func File(path string) Source {
	return Source{path, func() ([]byte, error) {
		file, err := os.Open(path) //nolint:gosec // the operator names it
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		return io.ReadAll(io.LimitReader(file, maxSource+1))
	}}
}

// Text returns a source of the given YAML. Problems call it by its name.
func Text(name string, yaml []byte) Source {
	return Source{name, func() ([]byte, error) { return yaml, nil }}
}

// maxSource bounds a source in bytes.
const maxSource = 1 << 20

// Into reads the sources, then the environment, into target, a pointer to a
// struct that holds the defaults; then it reads the files of secrets. It
// reports every problem that it finds, sorted by key. With problems, target
// holds what could be read, for reporting what else is wrong, and must not be
// used.
func Into(target any, o Options) Problems {
	root := reflect.ValueOf(target)
	if root.Kind() != reflect.Pointer || root.IsNil() {
		panic(fmt.Sprintf("load: target is a %T, not a pointer to a struct", target))
	}
	root = structOf(target)
	l := loader{origin: map[string]string{}}
	for _, source := range o.Sources {
		l.source(root, source)
	}
	l.environment(root, o)
	l.secrets(root)
	return l.problems.sorted()
}

// loader gathers what one reading finds.
type loader struct {
	problems Problems
	origin   map[string]string // where a key was given last, by the key's full name
}

func (l *loader) refuse(k key, at, text string) {
	l.problems = append(l.problems, Problem{Key: k.String(), At: at, Text: text})
}

// source reads one YAML document into root.
func (l *loader) source(root reflect.Value, s Source) {
	text, err := s.read()
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	switch {
	case err != nil:
		l.refuse(nil, s.name, "cannot be read: "+err.Error())
		return
	case len(text) > maxSource:
		l.refuse(nil, s.name, fmt.Sprintf("is larger than %d bytes", maxSource))
		return
	}
	d := document{l, s.name}
	if top := d.parse(text); top != nil {
		d.decode(root, top, nil)
	}
}
