package bearer_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"rekey/adapters/bearer"
	"rekey/core"
)

func TestReadTellsWhatIsBorne(t *testing.T) {
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	header, claims := encode(`{"alg":"ES256"}`), encode(`{"iss":"x","n":1}`)
	whole := header + "." + claims + ".c2ln"
	room := 8<<10 - len("Bearer ") - len(whole)
	for name, test := range map[string]struct {
		authorization []string
		want          error
	}{
		"a token":                 {[]string{"Bearer " + whole}, nil},
		"two spaces":              {[]string{"bearer  " + whole}, nil},
		"8 KiB":                   {[]string{"Bearer " + strings.Repeat(" ", room) + whole}, nil},
		"more":                    {[]string{"Bearer " + strings.Repeat(" ", room+1) + whole}, core.Unauthenticated},
		"nothing":                 {nil, bearer.ErrAbsent},
		"another scheme":          {[]string{"Basic " + whole}, bearer.ErrAbsent},
		"no token":                {[]string{"Bearer "}, bearer.ErrAbsent},
		"two headers":             {[]string{"Bearer " + whole, "Bearer " + whole}, core.Unauthenticated},
		"cut in its claims":       {[]string{"Bearer " + header + "." + claims[:5]}, bearer.ErrCut},
		"cut before its claims":   {[]string{"Bearer " + header + "."}, bearer.ErrCut},
		"cut after its claims":    {[]string{"Bearer " + header + "." + claims}, bearer.ErrCut},
		"cut before its sign":     {[]string{"Bearer " + header + "." + claims + "."}, core.Unauthenticated},
		"cut in its header":       {[]string{"Bearer " + header[:6]}, core.Unauthenticated},
		"a header and no more":    {[]string{"Bearer " + header}, core.Unauthenticated},
		"opaque":                  {[]string{"Bearer 2YotnFZFEjr1zCsicMWpAA"}, core.Unauthenticated},
		"opaque, of two parts":    {[]string{"Bearer abc.def"}, core.Unauthenticated},
		"JSON, of two parts":      {[]string{"Bearer " + encode(`{"id":1}`) + "." + claims}, core.Unauthenticated},
		"of five parts":           {[]string{"Bearer " + whole + ".a.b"}, core.Unauthenticated},
		"claims that are no JSON": {[]string{"Bearer " + header + "." + encode(`{"iss"`) + ".c2ln"}, core.Unauthenticated},
		"a name that stands twice": {
			[]string{"Bearer " + header + "." + encode(`{"iss":"x","iss":"y"}`) + ".c2ln"}, core.Unauthenticated,
		},
	} {
		token, err := bearer.Read(http.Header{"Authorization": test.authorization})
		if !errors.Is(err, test.want) || errors.Is(err, bearer.ErrCut) != errors.Is(test.want, bearer.ErrCut) ||
			errors.Is(err, bearer.ErrAbsent) != errors.Is(test.want, bearer.ErrAbsent) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
		if err == nil && (token.Claim("iss") != "x" || token.Claim("n") != "" || token.Claim("ISS") != "") {
			t.Errorf("%s: got the claims %q, %q", name, token.Claim("iss"), token.Claim("n"))
		}
		if err != nil && !errors.Is(err, core.Unauthenticated) {
			t.Errorf("%s: %v is not unauthenticated", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Bearer e30.e30.e30")
	f.Add("bEARER  eyJhbGciOiJFUzI1NiJ9.e30")
	f.Add("Basic eDp5")
	f.Fuzz(func(t *testing.T, authorization string) {
		token, err := bearer.Read(http.Header{"Authorization": {authorization}})
		if err != nil && !errors.Is(err, core.Unauthenticated) {
			t.Errorf("%q: got %v", authorization, err)
		}
		_ = token.Claim("iss")
	})
}
