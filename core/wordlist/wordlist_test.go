package wordlist_test

import (
	"testing"

	"rekey/core/wordlist"
)

func TestCommonKnowsWholePasswordsOnly(t *testing.T) {
	for word, want := range map[string]bool{
		"123456": true, "password": true, "qwertyuiop": true, "1234567890": true, "password123": true,
		"1qaz2wsx3edc": true, "iloveyou123": true, "administrator": true,
		"": false, "assword12": false, "password123 ": false, "correct horse battery staple": false,
		"my password123": false,
	} {
		if got := wordlist.Common(word); got != want {
			t.Errorf("Common(%q) = %v, want %v", word, got, want)
		}
	}
}

func TestTheListIsLong(t *testing.T) {
	if n := wordlist.Len(); n < 50_000 {
		t.Errorf("got %d passwords, want at least 50000", n)
	}
}

func BenchmarkCommon(b *testing.B) {
	for b.Loop() {
		wordlist.Common("correct horse battery staple")
	}
}
