package config_test

import (
	"slices"
	"testing"
)

func TestTheRulesOfAttemptsAreBounded(t *testing.T) {
	for text, key := range map[string]string{
		"{stop: 25}":                                      "attempts.stop",
		"{stop: 0}":                                       "attempts.stop",
		"{stop: 8, kept: 8}":                              "attempts.kept",
		"{kept: -1}":                                      "attempts.kept",
		"{known_for: 4321h}":                              "attempts.known_for",
		"{per_client: {free: 25}}":                        "attempts.per_client.free",
		"{per_client: {first: 99ms}}":                     "attempts.per_client.first",
		"{per_account: {first: 2s, most: 1s}}":            "attempts.per_account.first",
		"{per_account: {most: 25h}}":                      "attempts.per_account.most",
		"{client_every: 61m}":                             "attempts.client_every",
		"{caller_every: -1s}":                             "attempts.caller_every",
		"{client_burst: 0}":                               "attempts.client_burst",
		"{caller_burst: 1000001}":                         "attempts.caller_burst",
		"{enabled: false, stop: 99}":                      "",
		"{stop: 1, kept: 0, client_every: 0s}":            "",
		"{per_account: {free: 0, first: 24h, most: 24h}}": "",
	} {
		_, keys := loaded(t, "attempts: "+text)
		want := []string{key}
		if key == "" {
			want = nil
		}
		if !slices.Equal(keys, want) {
			t.Errorf("%s: got problems with %v, want %v", text, keys, want)
		}
	}
}
