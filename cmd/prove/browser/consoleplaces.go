package browser

import (
	"fmt"
	"net/http"
	"strings"

	"rekey/core"
)

// inside goes to an address of the console, signed in.
func inside(path string) func(*scene) {
	return func(s *scene) {
		s.enter()
		s.Open(s.site.URL + path)
	}
}

func atDoorRefused(s *scene) {
	s.Open(s.site.URL + "/console/sign-in")
	s.Type("#key", "rekey_"+strings.Repeat("x", 40))
	s.Submit("main form button")
}

// account goes to the page of an account that has this name in every run, with a
// history.
func (s *scene) account(name, display string) {
	p, err := s.site.settle(s.ctx, name, display)
	s.must("add an account", err)
	_, err = s.site.link(s.ctx, p)
	s.must("issue a link", err)
	s.knows(p, "a wrong password", false)
	s.enter()
	s.Open(s.site.URL + "/console/accounts/" + p.ID)
	s.answered(http.StatusOK)
}

func atAccount(s *scene) { s.account("sofia.rossi", "Sofia Rossi") }

func atHostileAccount(s *scene) {
	s.account(hostileNames()[0], hostileDisplay)
	s.untouched()
}

func atQuestion(s *scene) {
	s.account("tomas.novak", "")
	s.Submit(`a[href$="/disable"]`)
}

func atQuestionRefused(s *scene) {
	s.account("ines.costa", "")
	s.Submit(`a[href$="/disable"]`)
	s.confirmWith("rekey_" + strings.Repeat("x", 40))
}

func atLink(s *scene) {
	s.account("kofi.mensah", "")
	s.Submit(`a[href$="/reset_link"]`)
	s.confirmWith(s.site.Facts.Manage.Key)
	s.answered(http.StatusOK)
}

func atForbidden(s *scene) {
	s.withKey(core.AccountsRead)
	s.Open(s.site.URL + "/console/audit")
	s.answered(http.StatusForbidden)
}

// withKey signs in with a key that has the scope and no other.
func (s *scene) withKey(scope core.Scope) {
	key, err := s.site.dev.Key(s.ctx, "acme", scope)
	s.must("make a key", err)
	s.site.hide(key.Reveal())
	s.Open(s.site.URL + "/console/sign-in")
	s.Type("#key", key.Reveal())
	s.Submit("main form button")
}

// atDeliveries has one that was given up.
func atDeliveries(s *scene) {
	p, err := s.site.settle(s.ctx, "mei.tanaka", "")
	s.must("add an account", err)
	s.Open(s.site.URL + "/forgot-password")
	s.Type("#email", p.Email)
	s.Submit("#forgot button.main")
	s.enter()
	s.deadDelivery(fmt.Sprintf(`tr:has(a[href$="/accounts/%s"])`, p.ID), true)
}
