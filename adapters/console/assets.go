package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
)

//go:embed assets
var assetFiles embed.FS

// asset is a file that never changes under its URL.
type asset struct {
	kind string
	body []byte
}

// assets are what pages load, by the name that has a digest of their content.
type assets struct {
	byURL map[string]asset
	urls  map[string]string // by the file's own name
}

const assetPath = "/console/assets/"

func loadAssets() assets {
	all := assets{map[string]asset{}, map[string]string{}}
	files, _ := fs.Glob(assetFiles, "assets/*")
	for _, file := range files {
		body, _ := fs.ReadFile(assetFiles, file) // it is in the program
		name, extension := path.Base(file), path.Ext(file)
		sum := sha256.Sum256(body)
		hashed := strings.TrimSuffix(name, extension) + "-" + hex.EncodeToString(sum[:8]) + extension
		all.byURL[hashed] = asset{kindOf(extension), body}
		all.urls[name] = assetPath + hashed
	}
	return all
}

// kindOf does not ask the machine, whose table may be an odd one.
func kindOf(extension string) string {
	switch extension {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml; charset=utf-8"
	}
	return mime.FormatMediaType("text/plain", map[string]string{"charset": "utf-8"})
}

// serve answers with an asset, to be kept for a year: another content has another
// URL.
func (s assets) serve(c echo.Context) error {
	found, ok := s.byURL[c.Param("file")]
	if !ok {
		return adapters.NoRoute
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	return c.Blob(http.StatusOK, found.kind, found.body)
}
