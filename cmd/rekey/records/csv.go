package records

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"rekey/core"
)

// table reads CSV whose first line names the columns.
type table struct {
	from    *csv.Reader
	columns map[string]int
	mapping *Mapping
}

// NewCSV reads CSV (RFC 4180) whose first line names the columns. Without a
// mapping the columns are called as targets are, or as [NewCSVWriter] calls
// them. Every column that the mapping asks for by name must be there.
func NewCSV(from io.Reader, m *Mapping, dialects []string) (Reader, error) {
	buffered := bufio.NewReaderSize(from, 1<<16)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3)
	}
	t := &table{from: csv.NewReader(buffered), mapping: m, columns: map[string]int{}}
	t.from.ReuseRecord = true
	header, err := t.from.Read()
	if err != nil {
		return nil, faultf("file", "has no first line that names columns")
	}
	for i, name := range header {
		if _, twice := t.columns[name]; twice {
			return nil, faultf("file", "has two columns of one name")
		}
		t.columns[name] = i
	}
	if m == nil {
		t.mapping, err = headed(header, dialects)
		return t, err
	}
	for _, f := range m.fields {
		if _, ok := t.columns[strings.Join(f.path, ".")]; !ok && f.must {
			return nil, fmt.Errorf("--map %s=%s: there is no such column", f.target, strings.Join(f.path, "."))
		}
	}
	return t, nil
}

// headed returns the mapping of a file whose columns are called as targets are.
func headed(header, dialects []string) (*Mapping, error) {
	m := &Mapping{}
	for _, name := range header {
		put := putter(name, dialects)
		switch name {
		case "id":
			put = func(r *Record, text string) error { r.Account.ID = core.AccountID(text); return nil }
		case "external_ids":
			put = func(r *Record, text string) error { return putAll(&r.Account.ExternalIDs, text) }
		case "attributes":
			put = func(r *Record, text string) error { return putAll(&r.Account.Attributes, text) }
		}
		if put == nil {
			return nil, fmt.Errorf("the column %q is no target; say with --map where what is: %s", name, targets(dialects))
		}
		m.fields = append(m.fields, &field{target: name, path: []string{name}, put: put})
	}
	return m, nil
}

// putAll adds what a JSON object of texts has.
func putAll(to *map[string]string, text string) error {
	var all map[string]string
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return errObject
	}
	for key, value := range all {
		_ = put(to, key, value)
	}
	return nil
}

func (*table) What() string { return "line" }

func (t *table) Missing() []string { return t.mapping.unfound() }

func (t *table) Next(context.Context) (Record, error) {
	values, err := t.from.Read()
	line, _ := t.from.FieldPos(0)
	var broken *csv.ParseError
	switch {
	case errors.As(err, &broken):
		return Record{Number: broken.StartLine, Fault: faultf("line", "is no line of CSV with as many fields as the first")}, nil
	case err != nil:
		return Record{}, err
	}
	r := Record{Number: line}
	t.mapping.read(row{t.columns, slices.Clone(values)}, &r)
	return r, nil
}

// row is a line by the names of its columns.
type row struct {
	columns map[string]int
	values  []string
}

func (r row) text(path []string) (string, bool, error) {
	i, ok := r.columns[strings.Join(path, ".")]
	if !ok || i >= len(r.values) || r.values[i] == "" {
		return "", false, nil
	}
	return r.values[i], true, nil
}
