package main

import (
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

// What is drawn is read back, as a camera would, and held to the code.
func TestTheDrawnCodeIsTheCode(t *testing.T) {
	for _, text := range []string{"x", "otpauth://totp/acme:ada%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=acme", strings.Repeat("long", 200)} {
		drawn, err := qrCode(text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := qr.Encode(text, qr.L, qr.Unicode)
		if err != nil {
			t.Fatal(err)
		}
		got := modules(t, drawn)
		size := want.Bounds().Dx()
		if len(got) < size+2*quiet || len(got) > size+2*quiet+1 {
			t.Fatalf("%d rows are drawn for %d modules", len(got), size)
		}
		for y, row := range got {
			if len(row) != size+2*quiet {
				t.Fatalf("row %d has %d modules", y, len(row))
			}
			for x, light := range row {
				inside := x >= quiet && x < size+quiet && y >= quiet && y < size+quiet
				dark := false
				if inside {
					r, _, _, _ := want.At(x-quiet, y-quiet).RGBA()
					dark = r == 0
				}
				if light == dark {
					t.Fatalf("%.20s: module %d,%d is drawn light: %v", text, x, y, light)
				}
			}
		}
	}
	if _, err := qrCode(strings.Repeat("too long", 1000)); err == nil {
		t.Error("what no code can hold is drawn")
	}
}

// modules reads a drawing: rows of whether a module is light.
func modules(t *testing.T, drawn string) [][]bool {
	t.Helper()
	var rows [][]bool
	for line := range strings.Lines(drawn) {
		line, ok := strings.CutPrefix(line, "\x1b[97;40m")
		line, ended := strings.CutSuffix(line, "\x1b[0m\n")
		if !ok || !ended {
			t.Fatalf("the line %q has other colours", line)
		}
		var upper, lower []bool
		for _, c := range line {
			if !strings.ContainsRune("█▀▄ ", c) {
				t.Fatalf("%q is drawn", c)
			}
			upper, lower = append(upper, c == '█' || c == '▀'), append(lower, c == '█' || c == '▄')
		}
		rows = append(rows, upper, lower)
	}
	return rows
}
