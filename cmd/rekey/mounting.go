package main

import (
	"crypto/rand"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/pages"
	"rekey/config"
)

// mount makes the handlers: of the clients, and of those who manage if they have
// a listener of their own.
func (g *generation) mount() error {
	g.watch.Log, g.watch.Now, g.watch.Random = g.log, time.Now, rand.Reader
	g.watch.Timeout, g.watch.Observers = g.cfg.Server.RequestTimeout, g.observers()
	all, err := g.cfg.Adapters.Adapters(g.env())
	if err != nil {
		return err
	}
	g.dialects = all
	if g.cfg.Pages.Enabled {
		shown, err := pages.New(g.cfg.Pages, g.env(), g.cfg.MailsLinks() || g.desk != nil)
		if err != nil {
			return err
		}
		all = append(all, shown)
	}
	managing, err := g.operating()
	if err != nil {
		return err
	}
	if g.contract, err = adapters.Describe(append(managing, all...)...); err != nil {
		return err
	}
	if g.cfg.Manage.Address == "" {
		all = append(all, managing...)
	} else if len(managing) > 0 {
		if g.management, err = g.mounted(managing...); err != nil {
			return err
		}
	}
	g.clients, err = g.mounted(all...)
	return err
}

// managing returns the management API, if it is enabled.
func (g *generation) managing() []adapters.Adapter {
	if !g.cfg.Manage.Enabled {
		return nil
	}
	return []adapters.Adapter{g.manage()}
}

// env is what every adapter is given.
func (g *generation) env() adapters.Env {
	return adapters.Env{
		Passwords: g.passwords, Now: time.Now, Random: rand.Reader, Log: g.log,
		MailLimits: g.cfg.Mail.MailLimits(),
	}
}

// mounted returns what serves the adapters.
func (g *generation) mounted(all ...adapters.Adapter) (http.Handler, error) {
	e := echo.New()
	e.IPExtractor = clientAddress(g.cfg.Server)
	g.watch.Attach(e)
	return e, adapters.Mount(e, all...)
}

// clientAddress says where a request's address is read. The framework believes
// any X-Forwarded-For unless it is told.
func clientAddress(cfg config.Server) echo.IPExtractor {
	if len(cfg.TrustedProxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range cfg.TrustedProxies {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP: prefix.Masked().Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}
