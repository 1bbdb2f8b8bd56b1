package load

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"rekey/config/secret"
	"rekey/core"
)

// Shown is what a key holds, as [Print] shows it. Of a secret there is a digest
// beside its mask, which tells secrets apart for whoever has one to compare.
type Shown struct {
	Text   string `json:"text"`
	Digest string `json:"digest,omitempty"`
}

// Snapshot returns what every key of target, a struct or a pointer to one, holds,
// by the key's full name, and of every table the names of its entries. Secrets are
// digested under salt: 32 random bytes, for one comparison.
func Snapshot(target any, salt []byte) map[string]Shown {
	shown := map[string]Shown{}
	each(structOf(target), nil, func(k key, v reflect.Value) bool {
		if v.Kind() != reflect.Map {
			shown[k.String()] = shownOf(k, v, salt)
			return false
		}
		for _, name := range entries(v) {
			shown[k.child(name).String()] = Shown{}
		}
		return false
	})
	return shown
}

// shownOf returns what a key holds, with a digest of what is not shown.
func shownOf(k key, v reflect.Value, salt []byte) Shown {
	shown := Shown{Text: line(v)}
	switch {
	case v.Type() == secretType:
		shown.Digest = digest(salt, k, v.Interface().(secret.Value))
	case v.Type() == reflect.SliceOf(secretType):
		shown.Digest = digest(salt, k, v.Interface().([]secret.Value)...)
	case strings.Contains(shown.Text, core.Mask): // in a URL
		shown.Digest = digest(salt, k, secret.New(fmt.Sprint(v.Interface())))
	}
	return shown
}

func digest(salt []byte, k key, secrets ...secret.Value) string {
	mac := hmac.New(sha256.New, salt)
	for _, part := range append([]string{k.String()}, texts(secrets)...) {
		inner := sha256.Sum256([]byte(part)) // of one length, so that no two lists are told by the same bytes
		_, _ = mac.Write(inner[:])
	}
	return hex.EncodeToString(mac.Sum(nil))
}

func texts(secrets []secret.Value) []string {
	all := make([]string, len(secrets))
	for i, s := range secrets {
		all[i] = s.Reveal()
	}
	return all
}

// Difference is a key, or a table's entry, that two snapshots differ in.
type Difference struct {
	Key  string `json:"key"`
	From string `json:"from"` // as [Print] shows it
	To   string `json:"to"`
	Kind Kind   `json:"kind"`
}

// Kind says how two snapshots differ.
type Kind string

// The closed set of kinds.
const (
	Added   Kind = "added"   // the entry is in the later one only
	Removed Kind = "removed" // in the earlier one only
	Changed Kind = "changed" // in both
	Secret  Kind = "secret"  // in both and looks the same, but the secret is another
)

// String returns the difference on one line.
func (d Difference) String() string {
	switch d.Kind {
	case Added, Removed:
		return d.Key + ": " + string(d.Kind)
	case Secret:
		return d.Key + ": another secret"
	case Changed:
	}
	return d.Key + ": " + d.From + " -> " + d.To
}

// Diff returns what differs between two snapshots under one salt, sorted by key. An
// entry that only one of them has is one difference, whatever it holds.
func Diff(from, to map[string]Shown) []Difference {
	all := maps.Clone(from)
	maps.Copy(all, to)
	whole := map[string]bool{} // entries that only one has
	var found []Difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		kind := compare(from, to, name)
		if kind == "" || within(whole, name) {
			continue
		}
		whole[name] = kind == Added || kind == Removed
		found = append(found, Difference{Key: name, From: from[name].Text, To: to[name].Text, Kind: kind})
	}
	return found
}

// within reports whether the key lies below one of those that are true.
func within(whole map[string]bool, name string) bool {
	for i, c := range name {
		if c == '.' && whole[name[:i]] {
			return true
		}
	}
	return false
}

// compare returns how the two differ in the key, or "".
func compare(from, to map[string]Shown, name string) Kind {
	one, before := from[name]
	two, after := to[name]
	switch {
	case !before:
		return Added
	case !after:
		return Removed
	case one.Text != two.Text:
		return Changed
	case !hmac.Equal([]byte(one.Digest), []byte(two.Digest)):
		return Secret
	}
	return ""
}
