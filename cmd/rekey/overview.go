package main

import (
	"context"

	"rekey/adapters/manage"
	"rekey/config"
	"rekey/config/load"
)

var _ manage.Installation = (*generation)(nil)

// Dialects implements [manage.Installation].
func (g *generation) Dialects() (all []manage.Dialect) {
	served := map[string][]manage.Route{}
	for _, a := range g.dialects {
		for _, r := range a.Routes() {
			served[a.Name()] = append(served[a.Name()], manage.Route{Method: r.Method, Path: r.Path})
		}
	}
	for _, name := range g.cfg.Adapters.Names() {
		routes, enabled := served[name]
		all = append(all, manage.Dialect{Name: name, Enabled: enabled, Routes: routes})
	}
	return all
}

// Settings implements [manage.Installation]. It tells what was read, as `rekey
// check` does, and not what was made of it for this machine.
func (g *generation) Settings() (all []manage.Setting) {
	for _, s := range load.Settings(g.source.given, config.Default()) {
		all = append(all, manage.Setting(s))
	}
	return all
}

// Findings implements [manage.Installation].
func (g *generation) Findings(ctx context.Context) (manage.Findings, error) {
	return g.examination.findings(ctx, g.examine)
}

// examine looks at this installation from inside.
func (g *generation) examine(ctx context.Context) []finding {
	p := &patient{cfg: g.source.given, db: g.db}
	within, cancel := context.WithTimeout(ctx, examinePatience)
	defer cancel()
	p.ask(within)
	return examine(ctx, p, g.examination.fit(checks()), examinePatience)
}
