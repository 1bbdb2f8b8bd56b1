package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/adapters/manage"
)

// manage returns the management API.
func (g *generation) manage() *manage.Adapter { return manage.New(g.cfg.Manage, g.env(), g) }

// manageInside returns the management API for a part of this process, whether or
// not it is enabled for programs. What is asked through it is told and recorded
// under the client's name. The client's own request is watched and logged, and
// refused when the server stops; so of those within only what fails is logged.
// The RemoteAddr and X-Request-ID of a request are believed: they are the
// client's own words, not a network's.
func (g *generation) manageInside(client string) (http.Handler, error) {
	watch := &adapters.Watch{
		Log: slog.New(grave{g.log.Handler()}), Now: time.Now, Random: rand.Reader, Timeout: g.cfg.Server.RequestTimeout,
	}
	e := echo.New()
	e.IPExtractor = echo.ExtractIPDirect()
	watch.Attach(e)
	return e, adapters.Mount(e, g.manage().As(client))
}

// grave is a log's handler for warnings and worse.
type grave struct{ slog.Handler }

func (h grave) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}
