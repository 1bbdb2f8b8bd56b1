package trail

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"rekey/core/audit"
)

// maxLine bounds a line, in bytes: a seal's has 64 for each of its rows.
const maxLine = 16 << 20

// Verify holds the events of a file to its seals, and tells of everything that it
// finds. Its error says that the file is none that [Export] has written.
func Verify(r io.Reader, check *audit.Check, found func(audit.Finding)) (audit.Result, error) {
	v := verifier{check: check, found: found}
	err := lines(r, v.line)
	if err == nil && v.file == nil {
		err = errors.New("it is empty")
	}
	if err != nil {
		return v.result, err
	}
	v.settle()
	v.tell(check.End(v.result.Head)...)
	v.result.Tally = check.Tally
	return v.result, nil
}

type verifier struct {
	check  *audit.Check
	found  func(audit.Finding)
	file   *File
	result audit.Result

	seal *audit.Seal // whose rows are being read
	rows []audit.Row
	more int64
}

// line takes one line, as JSON.
func (v *verifier) line(text []byte) error {
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(text, &kind); err != nil {
		return err
	}
	switch {
	case kind.Type == typeFile && v.file == nil:
		return v.begin(text)
	case v.file == nil:
		return errors.New("its first line is no export's")
	case kind.Type == typeSeal:
		var l sealLine
		if err := json.Unmarshal(text, &l, json.RejectUnknownMembers(true)); err != nil {
			return err
		}
		v.settle()
		s := l.seal()
		v.seal = &s
		return nil
	case kind.Type == typeEvent:
		var l EventLine
		if err := json.Unmarshal(text, &l, json.RejectUnknownMembers(true)); err != nil {
			return err
		}
		v.event(l.row())
		return nil
	}
	return fmt.Errorf("there is no line of the type %q here", kind.Type)
}

func (v *verifier) begin(text []byte) error {
	var f File
	if err := json.Unmarshal(text, &f, json.RejectUnknownMembers(true)); err != nil {
		return err
	}
	if f.Version != version {
		return fmt.Errorf("its version is %d, and %d is known", f.Version, version)
	}
	if f.Head != "" {
		head, err := audit.ParseAnchor(f.Head)
		if err != nil {
			return err
		}
		v.result.Head = head
	}
	v.file, v.check.Partial = &f, f.Partial
	return nil
}

func (v *verifier) event(r audit.Row) {
	switch {
	case r.Batch == 0:
		v.result.Unsealed++
	case v.seal == nil || r.Batch != v.seal.Seq:
		v.tell(audit.Stray(r))
	case int64(len(v.rows)) > v.seal.Rows+pageRows:
		v.more++
	default:
		v.rows = append(v.rows, r)
	}
}

// settle checks the batch that was read.
func (v *verifier) settle() {
	if v.seal == nil {
		return
	}
	slices.SortFunc(v.rows, audit.Row.Compare)
	v.tell(v.check.Batch(*v.seal, v.rows, v.more)...)
	v.seal, v.rows, v.more = nil, nil, 0
}

func (v *verifier) tell(all ...audit.Finding) {
	for _, f := range all {
		v.result.Findings++
		v.found(f)
	}
}

// lines calls do with every line, as JSON, whether it is that or CSV.
func lines(r io.Reader, do func(text []byte) error) error {
	in := bufio.NewReader(r)
	first, err := in.Peek(1)
	if err != nil {
		return errors.New("it is empty")
	}
	if first[0] != '{' {
		return table(in, do)
	}
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, maxLine)
	n := 0
	for scanner.Scan() {
		n++
		if err := do(scanner.Bytes()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return scanner.Err()
}

func table(in io.Reader, do func(text []byte) error) error {
	reader := csv.NewReader(in)
	reader.ReuseRecord = true
	head, err := reader.Read()
	if err != nil || !slices.Equal(head, columns) {
		return errors.New("it is neither JSON lines nor CSV as rekey audit export writes them")
	}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		line, _ := reader.FieldPos(0)
		text, err := object(cells)
		if err == nil {
			err = do(text)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// object returns the cells as JSON. Those that are empty are left out.
func object(cells []string) ([]byte, error) {
	fields := map[string]any{}
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		switch columns[i] {
		case "batch", "seq", "rows", "version":
			n, err := strconv.ParseInt(cell, 10, 64)
			if err != nil {
				return nil, err
			}
			fields[columns[i]] = n
		case "partial":
			fields[columns[i]] = cell == "true"
		default:
			fields[columns[i]] = unescape(cell)
		}
	}
	return json.Marshal(fields)
}
