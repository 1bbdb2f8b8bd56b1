package main

import (
	"crypto/rand"
	"io"
	"net/url"

	"rekey/adapters/console"
	"rekey/core"
)

// newInvitation returns one that only this process knows. It has no key yet.
func newInvitation() *console.Invitation {
	return &console.Invitation{Code: core.NewSecret(rand.Text() + rand.Text())}
}

// invite returns a link that signs in to the console, with the key that dev has made,
// or "" if there is no console.
func (s *server) invite(to *console.Invitation, key core.Secret) string {
	at := s.consoleURL()
	if at == "" {
		return ""
	}
	to.Key = key
	return at + "/sign-in?code=" + url.QueryEscape(to.Code.Reveal())
}

// introduceConsole prints where operators look.
func (d devFacts) introduceConsole(out io.Writer) {
	if d.ConsoleURL == "" {
		return
	}
	say(out, "The console, for operators: this link signs you in. Before it writes it asks for the management key.\n\n  %s\n  %s\n", d.ConsoleURL, d.manageKey.Reveal())
}
