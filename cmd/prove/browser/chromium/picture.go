package chromium

import (
	"bytes"
	"image/png"

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

// small packs the picture as tightly as PNG can.
func small(packed []byte) []byte {
	picture, err := png.Decode(bytes.NewReader(packed))
	if err != nil {
		return packed
	}
	var tight bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&tight, picture); err != nil || tight.Len() > len(packed) {
		return packed
	}
	return tight.Bytes()
}
