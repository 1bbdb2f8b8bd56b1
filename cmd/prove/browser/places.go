package browser

import (
	"strings"

	"rekey/cmd/prove/browser/chromium"
)

// places lists every page in every state that looks its own way.
func places() []place {
	return []place{
		{name: "reset", arrive: atReset, again: true},
		{name: "reset-noscript", arrive: atResetPlainly, noScript: true},
		{name: "reset-german", arrive: atGerman},
		{name: "reset-typing", arrive: atTyping},
		{name: "reset-refused", arrive: atRefusal},
		{name: "reset-done", arrive: at("/reset-password?state=done"), again: true},
		{name: "reset-expired", arrive: atExpired},
		{name: "reset-unknown", arrive: at("/reset-password?token=" + strings.Repeat("A", 43)), again: true},
		{name: "forgot", arrive: at("/forgot-password"), again: true},
		{name: "forgot-sent", arrive: at("/forgot-password?state=sent"), again: true},
		{name: "pages-missing", arrive: at("/pages/none"), again: true},
		{name: "console-sign-in", arrive: at("/console/sign-in"), again: true},
		{name: "console-sign-in-refused", arrive: atDoorRefused},
		{name: "console-overview", arrive: inside("/console"), again: true},
		{name: "console-overview-day", arrive: inside("/console?minutes=1440"), again: true},
		{name: "console-accounts", arrive: inside("/console/accounts"), again: true},
		{name: "console-accounts-none", arrive: inside("/console/accounts?q=nobody-is-called-so"), again: true},
		{name: "console-account", arrive: atAccount, again: true},
		{name: "console-account-hostile", arrive: atHostileAccount, again: true},
		{name: "console-question", arrive: atQuestion, again: true},
		{name: "console-question-refused", arrive: atQuestionRefused},
		{name: "console-link", arrive: atLink},
		{name: "console-audit", arrive: inside("/console/audit"), again: true},
		{name: "console-deliveries", arrive: atDeliveries, again: true},
		{name: "console-deliveries-question", arrive: inside("/console/deliveries/retry"), again: true},
		{name: "console-dialects", arrive: inside("/console/dialects"), again: true},
		{name: "console-configuration", arrive: inside("/console/configuration"), again: true},
		{name: "console-findings", arrive: inside("/console/findings"), again: true},
		{name: "console-missing", arrive: inside("/console/none"), again: true},
		{name: "console-forbidden", arrive: atForbidden},
	}
}

// stories lists every story, those that wait longest first.
func stories() []story {
	scripted, plain := everyManner()[:2], everyManner()[2:]
	once := scripted[:1]
	apart := []chromium.Manner{scripted[0], plain[1]} // as different as they get
	return []story{
		{"plots move by themselves", once, plotsMove},
		{"a link is used once", everyManner(), useLink},
		{"dead links say why", everyManner(), deadLinks},
		{"two passwords that differ are caught", plain, repeatCatches},
		{"help while typing", scripted, helpWhileTyping},
		{"forgotten alike", everyManner(), forgotAlike},
		{"an empty address", apart, forgotNothing},
		{"in two languages", everyManner(), languages},
		{"the well-known address", once, wellKnown},
		{"by keyboard alone", []chromium.Manner{everyManner()[0], everyManner()[2]}, byKeyboard},
		{"a hostile account", everyManner(), hostileAccount},
		{"a hostile address", apart, hostileAddress},
		{"another site", once, anotherSite},
		{"calm and forced colours", scripted, calm},
		{"an operator by dev's link", everyManner(), byInvitation},
		{"an operator by key", everyManner(), byKey},
		{"an operator searches", everyManner(), search},
		{"an operator rules", everyManner(), rule},
		{"an operator reads the trail", everyManner(), audited},
		{"an operator has a delivery tried again", everyManner(), redelivered},
		{"an operator has all deliveries tried again", plain, allRedelivered},
		{"an operator by keyboard alone", []chromium.Manner{everyManner()[0], everyManner()[2]}, operatorByKeyboard},
		{"a hostile account in the console", apart, hostileInConsole},
	}
}

// at goes to an address of the site.
func at(path string) func(*scene) {
	return func(s *scene) { s.Open(s.site.URL + path) }
}

// linked issues a link for an account that has this name in every run.
func (s *scene) linked(name string) string {
	p, err := s.site.settle(s.ctx, name, "")
	s.must("add an account", err)
	link, err := s.site.link(s.ctx, p)
	s.must("issue a link", err)
	return link
}

func atReset(s *scene) { s.Open(s.linked("maria.nowak")) }

func atResetPlainly(s *scene) { s.Open(s.linked("li.wei")) }

func atGerman(s *scene) {
	m := s.manner
	m.Language = "de"
	s.Become(m)
	s.Open(s.linked("jonas.berg"))
	s.shows("Neues Passwort wählen")
}

func atTyping(s *scene) {
	s.Open(s.linked("amara.okafor"))
	s.Type("#password", "correct horse")
	s.Until(`document.querySelector("#status").textContent !== ""`)
}

func atRefusal(s *scene) {
	s.Open(s.linked("noor.haddad"))
	s.choose("password12")
}

func atExpired(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	link, err := s.site.expired(s.ctx, p)
	s.must("issue an expired link", err)
	s.Open(link)
}
