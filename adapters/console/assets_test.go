package console_test

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"rekey/adapters/console"
	"rekey/core"
)

// The script is what npm has in htmx.org 4.0.1, whose archive has the integrity
// sha512-oF7JgXhDW9UXCy/k1ZYFUQgzu/rm19ORWPSPNL91vPluB2PB9+MV55tyQdH/w7o2EAbTYUG5SDW1R60mdkdqGg==
// as package/dist/htmx.min.js.
func TestTheScriptIsUnmodified(t *testing.T) {
	sum := sha512.Sum512(console.AssetFiles()["htmx-4.0.1.min.js"])
	const want = "xspa3t9MrzLkwdfo67LbsusW+t3z2LG1cjkA8seYXH3kWokLTlZGrNPNGZJnHF9apv32h6Q4R8XWBCW4EiNptA=="
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != want {
		t.Errorf("its SHA-512 is %s", got)
	}
	if licence := string(console.AssetFiles()["htmx-LICENSE.txt"]); !strings.Contains(licence, "Zero-Clause BSD") {
		t.Errorf("the licence beside it is %q", licence)
	}
}

var loaded = regexp.MustCompile(`(?:src|href)="(/console/assets/[^"]+)"`)

func TestWhatAPageLoadsIsKeptForAYearAndLight(t *testing.T) {
	w := newWorld(t)
	password := core.NewPassword("forgotten tomorrow")
	ada := w.account(core.NewAccount{Username: "ada", Password: &password})
	for i := range 60 {
		w.account(core.NewAccount{Username: fmt.Sprintf("user-%d", i)})
	}
	b := w.signedIn()
	for _, page := range append(console.Sights(), console.Deeds()...) {
		if strings.Contains(page.Path, "/export.") {
			continue
		}
		body := b.holds(strings.Replace(page.Path, ":id", string(ada.ID), 1))
		weight := len(body)
		files := loaded.FindAllStringSubmatch(body, -1)
		if len(files) != 3 {
			t.Errorf("%s loads %v", page.Path, files)
		}
		for _, file := range files {
			got := b.get(file[1])
			weight += got.Body.Len()
			if got.Code != 200 || got.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
				t.Errorf("%s: got %d %v", file[1], got.Code, got.Header())
			}
		}
		if weight > 100<<10 {
			t.Errorf("%s weighs %d bytes", page.Path, weight)
		}
		t.Logf("%s weighs %d bytes", page.Path, weight)
	}
}
