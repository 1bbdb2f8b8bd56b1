package main

import (
	"fmt"
	"time"

	"rekey/adapters"
	"rekey/adapters/console"
)

// operating returns what serves those who manage: programs, and operators at a
// browser.
func (g *generation) operating() ([]adapters.Adapter, error) {
	all := g.managing()
	if !g.cfg.Console.Enabled {
		return all, nil
	}
	api, err := g.manageInside(console.Dialect)
	if err != nil {
		return nil, err
	}
	c, err := console.New(console.Parts{
		Sessions: g.passwords, API: api, Now: time.Now, Log: g.log, Proxies: g.cfg.Server.TrustedProxies, Invited: g.invited,
	})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return append(all, c), nil
}

// consoleURL returns where operators on this machine reach the console, or "" if it is
// not enabled.
func (s *server) consoleURL() string {
	if !s.now().cfg.Console.Enabled {
		return ""
	}
	return s.managedAt() + "/console"
}
