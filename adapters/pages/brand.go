package pages

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"

	"rekey/adapters"
)

// brand is whose pages they look like.
type brand struct {
	name  string
	style string
	icon  string // what a browser shows beside the title
	logo  logo
}

// logo is an image; none if it has no bytes.
type logo struct {
	bytes         []byte
	ending, media string
}

func (b Brand) load(host string) (brand, error) {
	c, err := parseColour(b.Colour)
	if err != nil {
		return brand{}, err
	}
	l, err := readLogo(b.Logo)
	return brand{cmp.Or(b.Name, host), c.stylesheet(), c.icon(), l}, err
}

// svg is the media type of drawings.
const svg = "image/svg+xml; charset=utf-8"

// maxLogo bounds the logo, in bytes.
const maxLogo = 64 << 10

// readLogo reads the file, if one is named, and says what is wrong with it.
func readLogo(path string) (logo, error) {
	if path == "" {
		return logo{}, nil
	}
	file, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return logo{}, errors.New("name a file that can be read: " + err.Error())
	}
	defer func() { _ = file.Close() }()
	data, err := adapters.ReadAll(file, maxLogo)
	switch {
	case errors.Is(err, adapters.TooLarge):
		return logo{}, fmt.Errorf("name a file of at most %d KiB", maxLogo>>10)
	case err != nil:
		return logo{}, errors.New("name a file that can be read")
	}
	for _, kind := range []struct {
		logo
		is func([]byte) bool
	}{
		{logo{data, "png", "image/png"}, isPNG},
		{logo{data, "webp", "image/webp"}, isWebP},
		{logo{data, "svg", svg}, isSVG},
	} {
		if kind.is(data) {
			return kind.logo, nil
		}
	}
	return logo{}, errors.New("name a PNG, SVG or WebP image")
}

func isPNG(data []byte) bool {
	_, err := png.DecodeConfig(bytes.NewReader(data))
	return err == nil
}

func isWebP(data []byte) bool {
	return len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

// isSVG reports whether the whole is well-formed XML whose root is svg. What is in
// it is served so that nothing of it runs.
func isSVG(data []byte) bool {
	decoder, root := xml.NewDecoder(bytes.NewReader(data)), ""
	for {
		token, err := decoder.Token()
		if err != nil {
			return errors.Is(err, io.EOF) && root == "svg"
		}
		if start, ok := token.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
}
