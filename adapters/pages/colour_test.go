package pages_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rekey/adapters/pages"
)

var declared = regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{6})`)

// themes returns the colours of a stylesheet, light and dark.
func themes(t interface{ Fatalf(string, ...any) }, style string) [2]map[string]pages.Colour {
	light, dark, ok := strings.Cut(style, "@media (prefers-color-scheme:dark)")
	if !ok {
		t.Fatalf("no dark theme in %s", style)
	}
	var all [2]map[string]pages.Colour
	for i, text := range []string{light, dark} {
		all[i] = map[string]pages.Colour{}
		for _, found := range declared.FindAllStringSubmatch(text, -1) {
			c, err := pages.ParseColour(found[2])
			if err != nil {
				t.Fatalf("%s: %v", found[0], err)
			}
			all[i][found[1]] = c
		}
	}
	return all
}

// legible is WCAG 2.2, 1.4.3.
const legible = 4.5

func TestEveryColourCanBeReadInBothThemes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`#([0-9a-fA-F]{6}|[0-9a-fA-F]{3})`).Draw(t, "colour")
		c, err := pages.ParseColour(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for i, theme := range themes(t, c.Stylesheet()) {
			grounds := [][]pages.Colour{pages.LightGrounds, pages.DarkGrounds}[i]
			for _, name := range []string{"accent", "accent-strong"} {
				for _, ground := range grounds {
					if got := pages.Contrast(theme[name], ground); got < legible {
						t.Errorf("%s: %s is %s on %s: %.2f", text, name, theme[name], ground, got)
					}
				}
				if got := pages.Contrast(theme["on-accent"], theme[name]); got < legible {
					t.Errorf("%s: text on %s: %.2f", text, name, got)
				}
			}
		}
	})
}

// A colour that can be read already is left as it is.
func TestAReadableColourIsKept(t *testing.T) {
	c, err := pages.ParseColour(pages.Default().Brand.Colour)
	if err != nil {
		t.Fatal(err)
	}
	if got := themes(t, c.Stylesheet())[0]["accent"]; got != c {
		t.Errorf("got %s for %s", got, c)
	}
}

// What the stylesheet says of text and grounds, both themes have legible. The
// grounds are those that the brand's colour was judged on.
func TestTheStylesheetCanBeReadInBothThemes(t *testing.T) {
	css, err := pages.Static.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]pages.Colour
	for _, root := range regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(string(css), -1) {
		theme := map[string]pages.Colour{}
		for _, found := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{3,6});`).FindAllStringSubmatch(root[1], -1) {
			if theme[found[1]], err = pages.ParseColour(found[2]); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, theme)
	}
	if len(all) != 2 {
		t.Fatalf("%d themes", len(all))
	}
	for i, theme := range all {
		grounds := [][]pages.Colour{pages.LightGrounds, pages.DarkGrounds}[i]
		if theme["card"] != grounds[0] || theme["ground"] != grounds[1] {
			t.Errorf("theme %d has other grounds, %s and %s, than colours are judged on", i, theme["card"], theme["ground"])
		}
		for _, pair := range []struct {
			over, under string
			least       float64
		}{
			{"text", "card", legible}, {"text", "ground", legible}, {"quiet", "card", legible}, {"quiet", "ground", legible},
			{"bad", "card", legible}, {"bad", "bad-ground", legible}, {"text", "bad-ground", legible}, {"good", "card", legible},
			{"line", "card", 3}, // the edge of a field, 1.4.11
		} {
			if got := pages.Contrast(theme[pair.over], theme[pair.under]); got < pair.least {
				t.Errorf("theme %d: %s on %s: %.2f", i, pair.over, pair.under, got)
			}
		}
	}
}
