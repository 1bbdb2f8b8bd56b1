package main

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
)

// forms are the ways in which a secret may lie somewhere: as it is, encoded as
// programs encode, in the middle of something that was encoded, or spelled out.
func forms(text string) map[string]string {
	reversed := []byte(text)
	slices.Reverse(reversed)
	all := map[string]string{
		"plain": text, "reversed": string(reversed),
		"hex": hex.EncodeToString([]byte(text)), "hex, reversed words": dumped(text),
		"in a query": url.QueryEscape(text), "in a path": url.PathEscape(text), "percent-encoded": each(text, "%%%02x"),
		"in JSON": quotedJSON(text), "in JSON, spelled out": each(text, `\u%04x`), "in Go": strings.Trim(strconv.Quote(text), `"`),
		"in Go, in ASCII": strings.Trim(strconv.QuoteToASCII(text), `"`), "in HTML": html.EscapeString(text),
		"in octal": each(text, `\%03o`), "escaped": each(text, `\x%02x`), "listed": strings.TrimSpace(each(text, "%d ")),
		"listed with commas": strings.Trim(each(text, "%d,"), ","), "listed in hex": strings.Trim(each(text, "0x%x, "), ", "),
		"UTF-16LE": utf16le(text), "base32": base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte(text)),
		"quoted-printable": quotedPrintable(text),
	}
	for shift := range 3 {
		for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			// What the neighbours share in at either end is cut off.
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
			whole := (shift + len(text)) / 3 * 4
			all[fmt.Sprintf("%s at %d", name, shift)] = encoded[(shift*8+5)/6 : whole]
		}
	}
	return all
}

// each spells the text out, byte by byte.
func each(text, format string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		fmt.Fprintf(&out, format, b)
	}
	return out.String()
}

// dumped returns the text's whole words as a debugger on this machine prints them.
func dumped(text string) string {
	var all []string
	for ; len(text) >= 8; text = text[8:] {
		word := []byte(text[:8])
		slices.Reverse(word)
		all = append(all, "0x"+strings.TrimLeft(hex.EncodeToString(word), "0"))
	}
	return strings.Join(all, ", ")
}

func quotedJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return strings.Trim(string(quoted), `"`)
}

func utf16le(text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

func quotedPrintable(text string) string {
	var out strings.Builder
	w := quotedprintable.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.String()
}

// Every form is found, alone and in the middle of something, whole and in part.
func TestTheHuntSeesEveryForm(t *testing.T) {
	const secret = "Zq4 é\"\\+&%<7VX2MKDW5RTYHNB"
	blind := newHunt()
	blind.plant("a secret", "another one that is not there")
	for form, text := range forms(secret) {
		for name, content := range map[string]string{
			"alone": text, "in the middle": "x=" + text + "&y", "in capitals": strings.ToUpper(text),
		} {
			h := newHunt()
			h.plant("a secret", secret)
			h.search("here", []byte(content))
			if len(h.found) == 0 {
				t.Errorf("%s %s: %q is overlooked", form, name, content)
			}
			blind.search("here", []byte(content))
		}
	}
	if len(blind.found) > 0 {
		t.Errorf("what is not there is found: %v", blind.found)
	}
	for name, content := range map[string]string{
		"its middle":                      "…" + secret[10:24] + "…",
		"its middle, in hex":              hex.EncodeToString([]byte(secret[9:24])),
		"a body in base64":                base64.StdEncoding.EncodeToString([]byte(`{"password":"` + secret + `"}`)),
		"a body in base64, one byte on":   base64.StdEncoding.EncodeToString([]byte(`{"passwords":"` + secret + `"}`)),
		"a body in base64, two bytes on":  base64.URLEncoding.EncodeToString([]byte(`{"thepassword":"` + secret + `"}`)),
		"a struct that was printed":       fmt.Sprintf("%+v", struct{ P string }{secret}),
		"bytes that were printed":         fmt.Sprintf("%v", []byte(secret)),
		"a body that was quoted":          fmt.Sprintf("%q", `{"p":`+quoted(secret)+`}`),
		"Go syntax":                       fmt.Sprintf("%#v", []byte(secret)),
		"a dump's words":                  "main.f(" + dumped(secret) + ")",
		"half a dump's words":             "main.f(0xc000, " + strings.Split(dumped(secret), ", ")[1] + ")",
		"binary around":                   "\x00\x01" + secret + "\xff",
		"an address":                      "postgres://rekey:" + url.QueryEscape(secret) + "@db/rekey",
		"JSON in JSON, of what is simple": quotedJSON(quotedJSON("x" + secret[14:])),
	} {
		h := newHunt()
		h.plant("a secret", secret)
		h.search("here", []byte(content))
		if len(h.found) == 0 {
			t.Errorf("%s: %q is overlooked", name, content)
		}
	}
}

func quoted(text string) string { return `"` + quotedJSON(text) + `"` }

// A code of a few digits is told from a part of another number.
func TestTheHuntTellsACodeFromANumber(t *testing.T) {
	for content, want := range map[string]int{
		"otp=123456": 1, `{"otp":"123456"}`: 1, "123456": 1, "1234567": 0, "0123456": 0, "12:00:00.123456Z": 0, "a123456": 0, "654321": 1,
		"otp=123457, 123456": 1,
	} {
		h := newHunt()
		h.plant("a code", "123456")
		h.search("here", []byte(content))
		if len(h.found) != want {
			t.Errorf("%q: %d found, want %d", content, len(h.found), want)
		}
	}
}

// Where a canary is meant to be it must be met, and there only.
func TestTheHuntKnowsWhereACanaryIsMeantToBe(t *testing.T) {
	h := newHunt()
	h.plant("a token", "QWERTZUIOPASDFGH", "the mail")
	h.search("the mail", []byte("click QWERTZUIOPASDFGH"))
	if len(h.found) != 0 || h.planted[0].seen["the mail"] == 0 {
		t.Errorf("in the mail: %v, %v", h.found, h.planted[0].seen)
	}
	h.search("the log", []byte("click QWERTZUIOPASDFGH"))
	if h.found[sighting{"a token", "plain", "the log"}] == 0 {
		t.Errorf("in the log it is overlooked: %v", h.found)
	}
}
