package records

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"rekey/core"
)

// Mapping says where a record has what. It counts what it finds, so it belongs
// to one [Reader].
type Mapping struct {
	fields []*field
}

type field struct {
	target string
	path   []string
	negate bool // the record has the contrary
	must   bool // whether it was asked for by name
	found  bool
	put    func(r *Record, text string) error
}

// source is a record that texts are taken from. Not ok if there is none, or
// nothing in it.
type source interface {
	text(path []string) (text string, ok bool, err error)
}

// presets are mappings of what the vendors' own tables are called.
var presets = map[string]string{
	"zap": "zap=_id.$oid,username=username,email=email,name=name,hash=password,created_at=createdAt",
	"unleash": "unleash=id,username=username,email=email,name=name,hash=password_hash,created_at=created_at," +
		"password_changed_at=password_changed_at,unleash.role=root_role",
	"licensespring": "licensespring=id,username=username,email=email,name=name,hash=password,created_at=created_at",
}

// Presets returns the names of the presets.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }

// NewMapping reads "target=path" pairs, each text one or several with commas
// between, over those of the preset, if there is one. dialects are the names
// that targets for external ids have. The target id stands for the one of
// dialect, or of ZAP where it is MongoDB's _id.
func NewMapping(texts []string, preset, dialect string, dialects []string) (*Mapping, error) {
	m := &Mapping{}
	base, ok := presets[preset]
	if preset != "" && !ok {
		return nil, fmt.Errorf("there is no preset %q; choose one of %s", preset, strings.Join(Presets(), ", "))
	}
	if dialect != "" && !slices.Contains(dialects, dialect) {
		return nil, fmt.Errorf("there is no dialect %q; choose one of %s", dialect, strings.Join(dialects, ", "))
	}
	for _, text := range append([]string{base}, texts...) {
		for pair := range strings.SplitSeq(text, ",") {
			if pair == "" {
				continue
			}
			if err := m.add(pair, dialect, dialects, text != base); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

func (m *Mapping) add(pair, dialect string, dialects []string, must bool) error {
	target, path, ok := strings.Cut(pair, "=")
	path = strings.TrimSuffix(path, ".") // a shell takes an unquoted $oid away
	if target == "id" {
		if target = dialect; target == "" && (path == "_id" || path == "_id.$oid") {
			target = "zap"
		}
		if target == "" {
			return fmt.Errorf("--map %s: say whose id it is, as zap=%s, or by --dialect", pair, path)
		}
	}
	path, negate := strings.CutPrefix(path, "!")
	if !ok || path == "" {
		return fmt.Errorf("--map %s: write TARGET=FIELD, such as email=email", pair)
	}
	put := putter(target, dialects)
	if put == nil || negate && target != "disabled" {
		return fmt.Errorf("--map %s: there is no such target; %s", pair, targets(dialects))
	}
	f := &field{target: target, path: strings.Split(path, "."), negate: negate, must: must, put: put}
	m.fields = slices.DeleteFunc(m.fields, func(old *field) bool { return old.target == target })
	m.fields = append(m.fields, f)
	return nil
}

func targets(dialects []string) string {
	return "write " + strings.Join(slices.Sorted(maps.Keys(putters)), ", ") + ", a dialect (" + strings.Join(dialects, ", ") +
		") for its id of the user, or an attribute such as unleash.role"
}

// putter returns what puts a text into the target; nil if there is no such one.
func putter(target string, dialects []string) func(*Record, string) error {
	switch {
	case putters[target] != nil:
		return putters[target]
	case slices.Contains(dialects, target):
		return func(r *Record, text string) error { return put(&r.Account.ExternalIDs, target, objectID(text)) }
	case attribute.MatchString(target):
		return func(r *Record, text string) error { return put(&r.Account.Attributes, target, text) }
	}
	return nil
}

var attribute = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}\.[a-z][a-z0-9_-]{0,31}$`)

func put(to *map[string]string, key, value string) error {
	if *to == nil {
		*to = map[string]string{}
	}
	(*to)[key] = value
	return nil
}

// objectID takes off what mongoexport writes around an id in CSV.
func objectID(text string) string {
	if inner, ok := strings.CutPrefix(text, "ObjectId("); ok {
		return strings.TrimSuffix(inner, ")")
	}
	return text
}

// putters are the targets that every mapping has.
var putters = map[string]func(*Record, string) error{
	"tenant":   func(r *Record, text string) error { r.Tenant = core.TenantID(text); return nil },
	"username": func(r *Record, text string) error { r.Account.Username = text; return nil },
	"email":    func(r *Record, text string) error { r.Account.Email = text; return nil },
	"name":     func(r *Record, text string) error { r.Account.Name = text; return nil },
	"hash":     func(r *Record, text string) error { r.Account.Verifier = text; return nil },
	"disabled": func(r *Record, text string) (err error) {
		r.Account.Disabled, err = boolean(text)
		return err
	},
	"created_at": func(r *Record, text string) (err error) {
		r.Account.CreatedAt, err = instant(text)
		return err
	},
	"password_changed_at": func(r *Record, text string) (err error) {
		r.Account.PasswordChangedAt, err = instant(text)
		return err
	},
	"tokens_valid_after": func(r *Record, text string) (err error) {
		r.Account.TokensValidAfter, err = instant(text)
		return err
	},
}

// read takes the record out of the source.
func (m *Mapping) read(from source, r *Record) {
	for _, f := range m.fields {
		text, ok, err := from.text(f.path)
		if err == nil && ok {
			f.found = true
			if f.negate {
				text, err = contrary(text)
			}
			if err == nil {
				err = f.put(r, text)
			}
		}
		if err != nil && r.Fault == nil {
			r.Fault = faultf(f.target, "%v", err)
		}
	}
	if r.Account.Verifier == "" { // the time of no password is none
		r.Account.PasswordChangedAt = time.Time{}
	}
}

func (m *Mapping) missing() (paths []string) {
	for _, f := range m.fields {
		if f.must && !f.found {
			paths = append(paths, strings.Join(f.path, "."))
		}
	}
	return paths
}
