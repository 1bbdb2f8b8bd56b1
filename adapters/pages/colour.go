package pages

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// colour is one of sRGB, each part from 0 to 255.
type colour struct{ r, g, b uint8 }

var hexPattern = regexp.MustCompile(`^#([0-9A-Fa-f]{6}|[0-9A-Fa-f]{3})$`)

// parseColour reads #rrggbb or #rgb.
func parseColour(text string) (colour, error) {
	if !hexPattern.MatchString(text) {
		return colour{}, fmt.Errorf("no colour")
	}
	digits := text[1:]
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return colour{}, err
	}
	return colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil //nolint:gosec // the bytes are meant
}

// String returns the colour as #rrggbb.
func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// luminance is the relative luminance of WCAG 2.2.
func (c colour) luminance() float64 {
	linear := func(part uint8) float64 {
		v := float64(part) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is the contrast ratio of WCAG 2.2, from 1 to 21.
func contrast(x, y colour) float64 {
	light, dark := x.luminance(), y.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// towards returns the colour with a share of another mixed into it.
func (c colour) towards(other colour, share float64) colour {
	mix := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*share)) }
	return colour{mix(c.r, other.r), mix(c.g, other.g), mix(c.b, other.b)}
}

// The grounds that text stands on in each theme; style.css has the same. What can
// be read on the one that is farther from the text's end can be read on both.
var (
	white, black = colour{255, 255, 255}, colour{}
	lightGrounds = []colour{{255, 255, 255}, {244, 245, 247}}
	darkGrounds  = []colour{{27, 30, 35}, {17, 19, 23}}
)

// readable is the least contrast of text (WCAG 2.2, 1.4.3), and a little more.
const readable = 4.6

// accent returns the colour, moved towards an end only as far as text of it needs
// to be readable on all grounds.
func (c colour) accent(end colour, grounds []colour) colour {
	for step := range 101 {
		moved := c.towards(end, float64(step)/100)
		if legible(moved, grounds) {
			return moved
		}
	}
	return end
}

func legible(text colour, grounds []colour) bool {
	for _, ground := range grounds {
		if contrast(text, ground) < readable {
			return false
		}
	}
	return true
}

// on returns what can be read on the colour best, black or white.
func (c colour) on() colour {
	if contrast(c, white) >= contrast(c, black) {
		return white
	}
	return black
}

// stylesheet returns the colours of both themes. The second of each is for what the
// pointer is over: farther from the ground still.
func (c colour) stylesheet() string {
	theme := func(end colour, grounds []colour) string {
		accent := c.accent(end, grounds)
		return fmt.Sprintf("--accent:%s;--accent-strong:%s;--on-accent:%s", accent, accent.towards(end, 0.15), accent.on())
	}
	return ":root{" + theme(black, lightGrounds) + "}\n" +
		"@media (prefers-color-scheme:dark){:root{" + theme(white, darkGrounds) + "}}\n"
}

// icon returns a drawing of a key in the colour.
func (c colour) icon() string {
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="` + c.String() +
		`"/><path d="M8 7.2a2.4 2.4 0 1 0 0 1.6h2V10h1.6V8.8H13V7.2zM5.7 9a1 1 0 1 1 0-2 1 1 0 0 1 0 2z" fill="` + c.on().String() + `"/></svg>`
}
