package browser_test

import (
	"os"
	"regexp"
	"testing"
)

var shown = regexp.MustCompile(`cmd/prove/browser/screenshots/([a-z-]+\.png)`)

// The README's pictures are loaded by everybody who opens it.
func TestTheReadmeShowsThreeSmallPictures(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, picture := range shown.FindAllStringSubmatch(string(readme), -1) {
		names[picture[1]] = true
		if info, err := os.Stat("screenshots/" + picture[1]); err != nil || info.Size() >= 120<<10 {
			t.Errorf("%s: %v, %v; want less than 120 KiB", picture[1], info, err)
		}
	}
	if len(names) != 3 {
		t.Errorf("it shows %v, want three", names)
	}
}
