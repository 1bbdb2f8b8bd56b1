package console

import (
	"net"
	"net/http"
	"net/netip"
	"slices"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// The session's cookie. Over TLS its prefix makes the browser hold that it is of this
// host and was set over TLS.
const (
	plainCookie  = "rekey-console"
	secureCookie = "__Host-" + plainCookie
)

func (a *Adapter) cookie(r *http.Request, value string) *http.Cookie {
	c := &http.Cookie{Name: plainCookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
	if a.secure(r) {
		c.Name, c.Secure = secureCookie, true
	}
	return c
}

// setCookie gives the browser the session's token for as long as it runs: the session
// itself ends sooner.
func (a *Adapter) setCookie(c echo.Context, token core.Secret) {
	c.SetCookie(a.cookie(c.Request(), token.Reveal()))
}

func (a *Adapter) dropCookie(c echo.Context) {
	dropped := a.cookie(c.Request(), "") //nolint:gosec // it takes all of them from there
	dropped.MaxAge = -1
	c.SetCookie(dropped)
}

// tokenOf returns the session's token that the request bears.
func (a *Adapter) tokenOf(r *http.Request) (core.Secret, bool) {
	sent, err := r.Cookie(a.cookie(r, "").Name)
	if err != nil || sent.Value == "" {
		return core.Secret{}, false
	}
	return core.NewSecret(sent.Value), true
}

// secure reports whether the request came over TLS, here or at a proxy that is
// trusted.
func (a *Adapter) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	peer, err := netip.ParseAddr(host)
	trusted := err == nil && slices.ContainsFunc(a.Proxies, func(p netip.Prefix) bool { return p.Contains(peer.Unmap()) })
	return trusted && r.Header.Get(echo.HeaderXForwardedProto) == "https"
}
