package core_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rekey/core"
	"rekey/core/wordlist"
)

// fourBy32 is 128 characters of every class.
var fourBy32 = strings.Repeat("Ab1-", 32)

func TestUnleashRefusesWhatUnleashRefuses(t *testing.T) {
	policy := core.Unleash()
	for _, c := range []struct {
		password string
		want     []core.Rule
	}{
		{"Abcdef-123", nil},
		{"Abcdef-12", rules(core.TooShort)},
		{"", rules(core.TooShort, core.NoLower, core.NoUpper, core.NoDigit, core.NoSymbol)},
		{"aaa", rules(core.TooShort, core.Repeats, core.NoUpper, core.NoDigit, core.NoSymbol)},
		{"---", rules(core.TooShort, core.Repeats, core.NoLower, core.NoUpper, core.NoDigit)},
		{fourBy32, nil},
		{fourBy32 + "x", rules(core.TooLong)},
		{strings.Repeat("a", 129), rules(core.TooLong, core.Repeats, core.NoUpper, core.NoDigit, core.NoSymbol)},
		{"ABCDEF-1234", rules(core.NoLower)},
		{"abcdef-1234", rules(core.NoUpper)},
		{"Abcdefg-hij", rules(core.NoDigit)},
		{"Abcdefg1234", rules(core.NoSymbol)},
		{"Abcdef 1234", nil}, // a space is a symbol
		{"Abcdef_1234", nil},
		{"Abcdefé1234", nil},                 // and so is any letter that is not ASCII's,
		{"Abcdefg-１２３", rules(core.NoDigit)}, // and any digit
		{"Abcdefg１２３4", nil},
		{"Пароль-1aB", nil},
		{"ПАРОЛЬ-1234", rules(core.NoLower, core.NoUpper)},
		{"Ab1-\x00xyzwvu", nil},
		{"P@ssw0rd12", nil}, // it looks nothing up

		// Runs.
		{"Abcddef-123", nil},
		{"Abcdddef-123", rules(core.Repeats)},
		{"Abcddddef-12", rules(core.Repeats)},
		{"AbcdDdef-123", nil},
		{"aabbaabbA1-", nil},
		{"Abcdef   1-23", rules(core.Repeats)},
		{"Abcdef-1222", rules(core.Repeats)},
		{"Abcd\n\n\nef-123", nil}, // the dot of its pattern matches no line end
		{"Abcd\r\r\ref-123", nil},
		{"Abcd\u2028\u2028\u2028ef-123", nil},
		{"Abcd\u2029\u2029\u2029ef-123", nil},
		{"Abcd\u0085\u0085\u0085ef-123", rules(core.Repeats)}, // NEL is no line end there
		{"Abcdd\ndef-123", nil},
		{"Abcéééf-123", rules(core.Repeats)},
		{"Abce\u0301e\u0301e\u0301f-123", nil},
		{"Abc\u0301\u0301\u0301f-1234", rules(core.Repeats)},
		{"Abcdef-1😀😀😀", nil}, // two units each, and no two alike side by side

		// Length in UTF-16 units.
		{"Aa1-😀😀😀", nil},
		{"Aa1-😀😀", rules(core.TooShort)},
		{"Aa1-жщшюж", rules(core.TooShort)},
		{"Aa1-" + strings.Repeat("😀", 62), nil},
		{"Aa1-" + strings.Repeat("😀", 62) + "x", rules(core.TooLong)},
	} {
		check(t, policy, c.password, c.want)
	}
}

func TestNISTAsksForLengthAndNothingCommon(t *testing.T) {
	policy := core.NIST(wordlist.Common)
	for _, c := range []struct {
		password string
		want     []core.Rule
	}{
		{"correct horse battery staple", nil},
		{"", rules(core.TooShort)},
		{"ninechars", rules(core.TooShort)},
		{"ten chars!", nil},
		{"zzzzzzzzzzzzzzzzzz", nil}, // no rule of composition
		{strings.Repeat("ab ", 43)[:128], nil},
		{strings.Repeat("ab ", 43), rules(core.TooLong)},

		// Each code point counts as one.
		{strings.Repeat("😀", 9), rules(core.TooShort)},
		{strings.Repeat("😀", 10), nil},
		{strings.Repeat("😀", 128), nil},
		{strings.Repeat("😀", 129), rules(core.TooLong)},
		{strings.Repeat("e\u0301", 5), nil},
		{"жщшюжщшюж", rules(core.TooShort)},

		// Common passwords, whole and in any case.
		{"qwertyuiop", rules(core.IsCommon)},
		{"QwertyUIOP", rules(core.IsCommon)},
		{"PASSWORD123", rules(core.IsCommon)},
		{"1234567890", rules(core.IsCommon)},
		{"123456", rules(core.TooShort, core.IsCommon)},
		{"qwertyuiop ", nil},
		{"my qwertyuiop", nil},
		{"paſſWORD123", rules(core.IsCommon)},
	} {
		check(t, policy, c.password, c.want)
	}
}

func TestEveryWordOfTheListIsRefusedInAnyCase(t *testing.T) {
	packed, err := os.ReadFile("wordlist/common.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	unpack, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpack)
	if err != nil {
		t.Fatal(err)
	}
	policy := core.Policy{Common: wordlist.Common}
	for word := range strings.Lines(string(text)) {
		word = strings.TrimSuffix(word, "\n")
		for _, spelling := range []string{word, strings.ToUpper(word)} {
			if len(policy.Check(core.NewPassword(spelling))) == 0 {
				t.Errorf("%q passes", spelling)
			}
		}
	}
}

func TestAPasswordIsNotOneOfOnesOwnNames(t *testing.T) {
	policy := core.NIST(nil)
	own := []string{"ada", "Ada.Lovelace@acme.example", "Ada.Lovelace", "Augusta Ada King", "", "Straße-und-Haus"}
	for _, c := range []struct {
		password string
		want     []core.Rule
	}{
		{"ada", rules(core.TooShort, core.IsOwnName)},
		{"", rules(core.TooShort)},
		{"ADA.LOVELACE@ACME.EXAMPLE", rules(core.IsOwnName)},
		{"ada.lovelace", rules(core.IsOwnName)},
		{"augusta ada KING", rules(core.IsOwnName)},
		{"STRASSE-UND-HAUS", rules(core.IsOwnName)},
		{"augusta ada king!", nil}, // whole, never a part
		{"my ada.lovelace", nil},
	} {
		check(t, policy, c.password, c.want, own...)
	}
	policy.OwnNames = false
	check(t, policy, "ada.lovelace", nil, own...)
}

func TestEachRuleHasItsSwitchAndItsLimit(t *testing.T) {
	for name, c := range map[string]struct {
		policy   core.Policy
		password string
		want     []core.Violation
	}{
		"the zero policy takes all": {core.Policy{}, "", nil},
		"and any length":            {core.Policy{}, strings.Repeat("\x00", 1000), nil},
		"min":                       {core.Policy{MinLength: 3}, "ab", []core.Violation{{Rule: core.TooShort, Limit: 3}}},
		"max":                       {core.Policy{MaxLength: 3}, "abcd", []core.Violation{{Rule: core.TooLong, Limit: 3}}},
		"units are code points":     {core.Policy{MaxLength: 3}, "😀😀😀", nil},
		"bytes":                     {core.Policy{MaxBytes: 72}, strings.Repeat("é", 36), nil},
		"too many bytes":            {core.Policy{MaxBytes: 72}, strings.Repeat("é", 36) + "x", []core.Violation{{Rule: core.TooManyBytes, Limit: 72}}},
		"nul":                       {core.Policy{NoNUL: true}, "a\x00b", []core.Violation{{Rule: core.HasNUL}}},
		"no nul":                    {core.Policy{NoNUL: true}, "a0b\x01", nil},
		"runs":                      {core.Policy{MaxRun: 2}, "abbb", []core.Violation{{Rule: core.Repeats, Limit: 3}}},
		"runs of code points":       {core.Policy{MaxRun: 2}, "😀😀😀", []core.Violation{{Rule: core.Repeats, Limit: 3}}},
		"no runs at all":            {core.Policy{MaxRun: 1}, "abba", []core.Violation{{Rule: core.Repeats, Limit: 2}}},
		"words in any case":         {core.Policy{Words: []string{"", "Acme Corp"}}, "ACME corp", []core.Violation{{Rule: core.IsWord}}},
		"whole words":               {core.Policy{Words: []string{"", "Acme Corp"}}, "ACME corps", nil},
		"no word is empty":          {core.Policy{Words: []string{""}}, "", nil},
		"all": {
			core.Policy{
				MinLength: 30, MaxLength: 20, MaxBytes: 10, NoNUL: true, MaxRun: 1,
				Lower: true, Upper: true, Digit: true, Symbol: true,
			},
			strings.Repeat("a", 21) + "\x00",
			[]core.Violation{
				{core.TooShort, 30}, {core.TooLong, 20}, {core.TooManyBytes, 10}, {core.HasNUL, 0}, {core.Repeats, 2},
				{core.NoUpper, 0}, {core.NoDigit, 0},
			},
		},
	} {
		if diff := cmp.Diff(c.want, c.policy.Check(core.NewPassword(c.password))); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", name, c.password, diff)
		}
	}
}

func rules(rules ...core.Rule) []core.Rule { return rules }

func check(t *testing.T, policy core.Policy, password string, want []core.Rule, own ...string) {
	t.Helper()
	var got []core.Rule
	for _, v := range policy.Check(core.NewPassword(password), own...) {
		got = append(got, v.Rule)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q breaks %v, want %v", password, got, want)
	}
}
