package pages

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
)

//go:embed static
var static embed.FS

// asset is a file that pages load.
type asset struct {
	name  string // with its digest, as it is asked for
	media string
	bytes []byte
}

// assets are all of them, by their names without a digest.
type assets map[string]asset

func newAssets(b brand) (assets, error) {
	all := assets{}
	add := func(name, media string, data []byte) {
		sum := sha256.Sum256(data)
		ending := path.Ext(name)
		all[name] = asset{strings.TrimSuffix(name, ending) + "." + hex.EncodeToString(sum[:8]) + ending, media, data}
	}
	const css, script = "text/css; charset=utf-8", "text/javascript; charset=utf-8"
	for name, media := range map[string]string{"style.css": css, "form.js": script} {
		data, err := static.ReadFile("static/" + name)
		if err != nil {
			return nil, err
		}
		add(name, media, data)
	}
	add("brand.css", css, []byte(b.style))
	add("icon.svg", svg, []byte(b.icon))
	if len(b.logo.bytes) > 0 {
		add("logo."+b.logo.ending, b.logo.media, b.logo.bytes)
	}
	return all, nil
}

// asset serves one file. A name has the digest of what it names, so that it may be
// kept for a year. Under another digest, which is another release's or another
// brand's, the file is what it is here and now, and is not kept.
func (a *Adapter) asset(c echo.Context) error {
	parts := strings.Split(c.Param("name"), ".")
	if len(parts) != 3 {
		return adapters.NoRoute
	}
	found, ok := a.assets[parts[0]+"."+parts[2]]
	if !ok {
		return adapters.NoRoute
	}
	header := c.Response().Header()
	if found.name == c.Param("name") {
		header.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	header.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set(echo.HeaderContentLength, strconv.Itoa(len(found.bytes)))
	if c.Request().Method == http.MethodHead {
		header.Set(echo.HeaderContentType, found.media)
		return c.NoContent(http.StatusOK)
	}
	return c.Blob(http.StatusOK, found.media, found.bytes)
}
