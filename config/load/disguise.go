package load

import (
	"strings"

	"rekey/core"
)

// disguise returns a text as it may be shown: of a URL neither the password nor
// the query, which may hold a key as well.
func disguise(text string) string {
	scheme, rest, isURL := strings.Cut(text, "://")
	if !isURL {
		return text
	}
	rest, fragment, hasFragment := strings.Cut(rest, "#")
	rest, _, hasQuery := strings.Cut(rest, "?")
	authority, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 && !strings.Contains(rest[i:], "@") { // a password may hold a slash
		authority, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		if user, _, hasPassword := strings.Cut(authority[:i], ":"); hasPassword {
			authority = user + ":" + core.Mask + authority[i:]
		}
	}
	shown := scheme + "://" + authority + path
	if hasQuery {
		shown += "?" + core.Mask
	}
	if hasFragment {
		shown += "#" + fragment
	}
	return shown
}
