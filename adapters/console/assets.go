package console

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
)

//go:embed assets
var assetFiles embed.FS

// asset is a file that never changes under its URL.
type asset struct {
	kind   string
	body   []byte
	packed []byte // the body, for whom takes gzip
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
		all.byURL[hashed] = asset{kindOf(extension), body, pack(body)}
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
	header := c.Response().Header()
	header.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	header.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if takesGzip(c.Request()) {
		header.Set(echo.HeaderContentEncoding, "gzip")
		return c.Blob(http.StatusOK, found.kind, found.packed)
	}
	return c.Blob(http.StatusOK, found.kind, found.body)
}

// pack is only for what is the same for everybody: the length of what holds a secret
// beside what somebody else chose tells of it, once it is packed.
func pack(body []byte) []byte {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // there is such a level
	_, _ = w.Write(body)                                       // memory takes all
	_ = w.Close()
	return packed.Bytes()
}

// takesGzip reports whether the client names gzip and does not refuse it.
func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values(echo.HeaderAcceptEncoding), ","), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";q=")
		if quality, err := strconv.ParseFloat(cmp.Or(weight, "1"), 64); strings.EqualFold(name, "gzip") && err == nil {
			return quality > 0
		}
	}
	return false
}
