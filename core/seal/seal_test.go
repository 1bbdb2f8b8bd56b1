package seal_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"rekey/core"
	"rekey/core/seal"
)

const (
	here = "totp/acme/ada"
	text = "a secret that nobody may read"
)

// material is a key of 32 equal bytes.
func material(b byte) []byte { return bytes.Repeat([]byte{b}, seal.KeySize) }

func ring(t testing.TB, active string, keys map[string][]byte) *seal.Ring {
	t.Helper()
	r, err := seal.New(active, keys, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sealed(t testing.TB, r *seal.Ring) string {
	t.Helper()
	s, err := r.Seal([]byte(text), here)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatWasSealedOpensAgain(t *testing.T) {
	r := ring(t, "a", map[string][]byte{"a": material(1)})
	for _, plain := range []string{"", "x", text, strings.Repeat("long", 1<<10), "\x00\xff"} {
		s, err := r.Seal([]byte(plain), here)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Open(s, here); err != nil || string(got) != plain {
			t.Errorf("got %q, %v, want %q", got, err, plain)
		}
		if len(plain) > 1 && strings.Contains(s, plain) {
			t.Errorf("%q shows what it holds", s)
		}
	}
	if first, second := sealed(t, r), sealed(t, r); first == second {
		t.Error("two seals of one text are the same: the nonce repeats")
	}
}

func TestWhatIsNotAsItWasSealedDoesNotOpen(t *testing.T) {
	r := ring(t, "a", map[string][]byte{"a": material(1), "b": material(2)})
	s := sealed(t, r)
	body := strings.TrimPrefix(s, "a.")
	for name, c := range map[string]struct{ sealed, context string }{
		"another context":        {s, "totp/acme/eve"},
		"no context":             {s, ""},
		"a longer context":       {s, here + "x"},
		"another known key":      {"b." + body, here},
		"an unknown key":         {"c." + body, here},
		"no key":                 {"." + body, here},
		"no dot":                 {body, here},
		"nothing":                {"", here},
		"an id alone":            {"a.", here},
		"a nonce alone":          {"a." + body[:32], here},
		"cut":                    {s[:len(s)-2], here},
		"longer":                 {s + "AAAA", here},
		"padded":                 {s + "=", here},
		"a line end":             {s + "\n", here},
		"a line end within":      {s[:9] + "\r\n" + s[9:], here},
		"a digest of the same":   {r.Digest(text, here), here},
		"in the other alphabet":  {"a." + strings.NewReplacer("-", "+", "_", "/").Replace(body+"-_"), here},
		"with something before":  {"x" + s, here},
		"with the id twice":      {"a." + s, here},
		"an id in another case":  {"A." + body, here},
		"sealed under a derived": {sealed(t, ring(t, "a", map[string][]byte{"a": material(3)})), here},
	} {
		if got, err := r.Open(c.sealed, c.context); core.CodeOf(err) != core.Internal || got != nil {
			t.Errorf("%s: got %q, %v", name, got, err)
		} else if strings.Contains(err.Error(), body[:16]) {
			t.Errorf("%s: the error tells what is sealed: %v", name, err)
		}
	}
}

func TestKeysAreRotated(t *testing.T) {
	before := ring(t, "a", map[string][]byte{"a": material(1)})
	after := ring(t, "b", map[string][]byte{"a": material(1), "b": material(2)})
	without := ring(t, "b", map[string][]byte{"b": material(2)})
	old, fresh := sealed(t, before), sealed(t, after)
	if got := seal.KeyOf(old) + seal.KeyOf(fresh) + seal.KeyOf("nonsense") + seal.KeyOf("a.!"); got != "ab" {
		t.Errorf("kept under %q", got)
	}
	for name, c := range map[string]struct {
		ring *seal.Ring
		kept string
		want bool
	}{
		"old with the older key":    {after, old, true},
		"new with the older key":    {after, fresh, true},
		"old when its key is gone":  {without, old, false},
		"new when the older's gone": {without, fresh, true},
		"new before the rotation":   {before, fresh, false},
	} {
		if got, err := c.ring.Open(c.kept, here); (err == nil) != c.want || c.want && string(got) != text {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	digest := before.Digest("12345678", here)
	if !after.Matches(digest, "12345678", here) || without.Matches(digest, "12345678", here) {
		t.Error("digests do not follow the keys")
	}
}

func TestDigestsAreOfOneTextInOneContext(t *testing.T) {
	r := ring(t, "a", map[string][]byte{"a": material(1), "b": material(1), "c": material(2)})
	digest := r.Digest("12345678", here)
	if digest != r.Digest("12345678", here) || len(digest) != len("a.")+43 {
		t.Errorf("got %q", digest)
	}
	for name, c := range map[string]struct {
		digest, text, context string
		want                  bool
	}{
		"the same":            {digest, "12345678", here, true},
		"the same key's twin": {"b" + digest[1:], "12345678", here, true},
		"another text":        {digest, "12345679", here, false},
		"a shorter text":      {digest, "1234567", here, false},
		"no text":             {digest, "", here, false},
		"another context":     {digest, "12345678", "totp/acme/eve", false},
		"text moved over":     {digest, "2345678", here + "1", false},
		"another key":         {"c" + digest[1:], "12345678", here, false},
		"an unknown key":      {"d" + digest[1:], "12345678", here, false},
		"no digest":           {"", "12345678", here, false},
		"an empty digest":     {"a.", "12345678", here, false},
		"cut":                 {digest[:40], "12345678", here, false},
		"something sealed":    {sealed(t, r), text, here, false},
	} {
		if got := r.Matches(c.digest, c.text, c.context); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// A key that is not configured must not stand for an empty one, which anybody has.
func TestAnUnknownKeyIsNotAnEmptyOne(t *testing.T) {
	mac := hmac.New(sha256.New, nil)
	_, _ = fmt.Fprintf(mac, "%d:%s%s", len(here), here, text)
	forged := "z." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	if ring(t, "a", map[string][]byte{"a": material(1)}).Matches(forged, text, here) {
		t.Error("a digest that anybody can make matches")
	}
}

func TestKeysThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		active string
		keys   map[string][]byte
	}{
		"none":                 {"", nil},
		"the active one is no": {"b", map[string][]byte{"a": material(1)}},
		"short":                {"a", map[string][]byte{"a": material(1)[:31]}},
		"long":                 {"a", map[string][]byte{"a": append(material(1), 1)}},
		"an older one short":   {"a", map[string][]byte{"a": material(1), "b": nil}},
		"an id with a dot":     {"a.b", map[string][]byte{"a.b": material(1)}},
		"an empty id":          {"", map[string][]byte{"": material(1)}},
	} {
		if _, err := seal.New(c.active, c.keys, rand.Reader); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	broken, err := seal.New("a", map[string][]byte{"a": material(1)}, iotest.ErrReader(errors.New("no more")))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := broken.Seal([]byte(text), here); err == nil {
		t.Errorf("sealed without randomness: %q", got)
	}
}
