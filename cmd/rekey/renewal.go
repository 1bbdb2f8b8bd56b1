package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"rekey/adapters"
	"rekey/config"
	"rekey/config/load"
)

// source is where a server's configuration comes from, and what it is fitted to.
type source struct {
	file  string                        // "" if it is the environment alone
	given config.Config                 // as it was read last
	read  func() (config.Config, error) // nil if it cannot be read again
	cores int                           // before the process was fitted to its derivations
}

// renewal is what became of a new configuration.
type renewal struct {
	Generation int               `json:"generation"` // that serves now
	Changed    []load.Difference `json:"changed"`
	Reasons    []string          `json:"reasons"` // why it was refused; empty if it is taken up
}

// renew reads the configuration again and serves by it from the next request on, or
// leaves everything as it is and says why. Requests under way finish by the old one.
// Files that the configuration names, such as certificates, are read again too.
func (s *server) renew(ctx context.Context, asked string) renewal {
	s.renewing.Lock()
	defer s.renewing.Unlock()
	before := s.now()
	fresh, changed, err := s.next(before)
	if err != nil {
		reasons := reasonsOf(err)
		before.log.Error("the new configuration is refused; the old one serves on", "asked_by", asked, "generation", before.number, "reasons", reasons)
		return renewal{before.number, changed, reasons}
	}
	s.swap(ctx, before, fresh)
	fresh.log.Info("the new configuration is taken up", "asked_by", asked, "generation", fresh.number, "changed", lines(changed), "dialects", fresh.cfg.Adapters.Enabled())
	return renewal{Generation: fresh.number, Changed: changed}
}

// next builds the generation that follows.
func (s *server) next(before *generation) (*generation, []load.Difference, error) {
	if s.leaving {
		return nil, nil, problemf("the server is stopping")
	}
	if before.source.read == nil {
		return nil, nil, problemf("this server cannot read its configuration again")
	}
	given, err := before.source.read()
	if err != nil {
		return nil, nil, err
	}
	changed := differences(before.source.given, given)
	if problems := config.NeedRestart(changed); len(problems) > 0 {
		return nil, changed, problems
	}
	if err := servable(given); err != nil {
		return nil, changed, err
	}
	if managedApart(given) && s.management == nil {
		return nil, changed, problemf("manage.enabled, console.enabled: restart the server to change them, for manage.address is a listener of its own")
	}
	parts, err := before.renew(given)
	if err != nil {
		return nil, changed, err
	}
	fresh, err := newGeneration(parts, s.url())
	if err != nil {
		return nil, changed, err
	}
	fresh.number = before.number + 1
	return fresh, changed, nil
}

// swap makes a generation the present one. Nothing of it fails.
func (s *server) swap(ctx context.Context, before, fresh *generation) {
	adapters.Inherit(fresh.dialects, before.dialects)
	fit(fresh.cfg, fresh.source.cores)
	fresh.pool.Resize()
	s.current.Store(fresh)
	fresh.begin(ctx)
	s.retire(before)
}

// servable returns an error for a configuration that serves nothing.
func servable(cfg config.Config) error {
	if len(cfg.Adapters.Enabled()) == 0 && !cfg.Manage.Enabled && !cfg.Pages.Enabled && !cfg.Console.Enabled {
		return problemf("no dialect is enabled; set adapters.NAME.enabled, manage.enabled, pages.enabled or console.enabled to true, see config/example.yaml")
	}
	return nil
}

// differences compares two configurations of this process.
func differences(from, to config.Config) []load.Difference {
	salt := make([]byte, 32)
	_, _ = rand.Read(salt)
	return load.Diff(load.Snapshot(&from, salt), load.Snapshot(&to, salt))
}

func lines(differences []load.Difference) []string {
	all := make([]string, len(differences))
	for i, d := range differences {
		all[i] = d.String()
	}
	return all
}

// reasonsOf returns an error in the words of a terminal, one reason a line.
func reasonsOf(err error) []string {
	var problems load.Problems
	if !errors.As(err, &problems) {
		return []string{advice(err)}
	}
	var reasons []string
	for _, p := range problems {
		reasons = append(reasons, p.String())
	}
	return reasons
}

// report tells a person what became of it.
func (r renewal) report() (string, error) {
	switch {
	case len(r.Reasons) > 0:
		return "", problemf("the server refuses the new configuration and serves on by the old one:\n%s", strings.Join(r.Reasons, "\n"))
	case len(r.Changed) == 0:
		return "taken up: no key differs, and the files that it names were read again\n", nil
	}
	return fmt.Sprintf("taken up:\n%s\n", strings.Join(lines(r.Changed), "\n")), nil
}

// hangups returns where SIGHUP arrives from now on. Who starts the program with
// nohup has it ignored.
func hangups() chan os.Signal {
	signals := make(chan os.Signal, 1)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// heed renews the configuration at every SIGHUP until ctx ends.
func (s *server) heed(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.hangups:
			s.renew(ctx, "SIGHUP")
		}
	}
}
