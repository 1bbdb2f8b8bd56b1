package chromium

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/page"
)

// tallest bounds a picture, in pixels.
const tallest = 1600

// Picture returns the page as PNG, from its top to its end.
func (v *Visitor) Picture() []byte {
	size := call(v, page.GetLayoutMetrics, struct{}{})
	if v.err != nil {
		return nil
	}
	d := v.manner.Device
	height := min(max(size.CSSContentSize.Height, float64(d.Height)), tallest)
	shot := call(v, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true),
		Clip: &page.Viewport{Width: float64(d.Width), Height: height, Scale: 1},
	})
	return small(shot.Data)
}

// small packs the picture as tightly as PNG can, with the 256 colours that it has
// most of: pages have few, but for the edges of letters.
func small(packed []byte) []byte {
	picture, err := png.Decode(bytes.NewReader(packed))
	if err != nil {
		return packed
	}
	var tight bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&tight, few(picture)); err != nil || tight.Len() > len(packed) {
		return packed
	}
	return tight.Bytes()
}

// few returns the picture in its most frequent colours, each other one as the
// nearest of them.
func few(picture image.Image) image.Image {
	b := picture.Bounds()
	counts := map[color.Color]int{}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			counts[picture.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(p, q color.Color) int {
		return cmp.Or(counts[q]-counts[p], strings.Compare(fmt.Sprint(p), fmt.Sprint(q)))
	})
	paletted := image.NewPaletted(b, color.Palette(colours[:min(len(colours), 256)]))
	nearest := map[color.Color]uint8{}
	for c := range counts {
		nearest[c] = uint8(paletted.Palette.Index(c)) //nolint:gosec // there are at most 256
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			paletted.SetColorIndex(x, y, nearest[picture.At(x, y)])
		}
	}
	return paletted
}
