package adapters_test

import (
	"errors"
	"strings"
	"testing"

	"rekey/adapters"
)

func TestMalformedJSONIsToldApart(t *testing.T) {
	for body, want := range map[string]adapters.JSONReason{
		``:                          adapters.JSONTruncated,
		`{"a":`:                     adapters.JSONTruncated,
		`{"a":"b`:                   adapters.JSONTruncated,
		`{"a":1,}`:                  adapters.JSONComma,
		"{\"a\":1 ,\n }":            adapters.JSONComma,
		`[1,]`:                      adapters.JSONComma,
		`{"a":1,"a":2}`:             adapters.JSONDuplicate,
		`{"a":1,"\u0061":2}`:        adapters.JSONDuplicate,
		`{"x":{"a":1,"a":2}}`:       adapters.JSONDuplicate,
		"{\"a\":\"\xff\"}":          adapters.JSONEncoding,
		`{"a":"\ud800"}`:            adapters.JSONEncoding,
		`{"a":"x\udc00y"}`:          adapters.JSONEncoding,
		`{"a":"x \udc00"}`:          adapters.JSONEncoding,
		`{"a":"\ud800\ud800"}`:      adapters.JSONEncoding,
		`{"a":"x \ud83d"}`:          adapters.JSONEncoding,
		`{"\ud83d":1}`:              adapters.JSONEncoding,
		`{} {}`:                     adapters.JSONTrailing,
		`{"a":1}x`:                  adapters.JSONTrailing,
		`{'a':1}`:                   adapters.JSONSyntax,
		`{"a":"` + "\x01" + `"}`:    adapters.JSONSyntax,
		strings.Repeat("[", 20_000): adapters.JSONSyntax,
		`{"a":01}`:                  adapters.JSONSyntax,
	} {
		_, err := adapters.ParseJSON([]byte(body))
		var malformed *adapters.MalformedJSON
		if !errors.As(err, &malformed) || malformed.Reason != want || !errors.Is(err, adapters.Malformed) {
			t.Errorf("%.40q: got %v, want %v", body, err, want)
		}
	}
}

func TestMembersKeepTheirOrderAndText(t *testing.T) {
	value, err := adapters.ParseJSON([]byte(` {"b":"\ud83d\ude00 é\u0000","a":[1],"B":null} `))
	if err != nil {
		t.Fatal(err)
	}
	members, ok := adapters.Members(value)
	if !ok || len(members) != 3 || members[0].Name != "b" || members[1].Name != "a" || members[2].Name != "B" {
		t.Fatalf("got %v, %v", members, ok)
	}
	if text, ok := adapters.Text(members[0].Value); !ok || text != "😀 é\x00" {
		t.Errorf("got %q, %v", text, ok)
	}
	if _, ok := adapters.Text(members[1].Value); ok {
		t.Error("an array passed for a text")
	}
	if _, ok := adapters.Members(members[1].Value); ok {
		t.Error("an array passed for an object")
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"a":"b","c":[1,{"d":null}]}`))
	f.Add([]byte(`{"a":"\ud800"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := adapters.ParseJSON(body)
		if err != nil {
			if !errors.Is(err, adapters.Malformed) {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		members, ok := adapters.Members(value)
		if ok != (value.Kind() == '{') {
			t.Fatalf("%q: members %v", body, ok)
		}
		for _, m := range members {
			if _, ok := adapters.Text(m.Value); ok != (m.Value.Kind() == '"') {
				t.Fatalf("%q: text of %q %v", body, m.Name, ok)
			}
		}
	})
}
