package console

import (
	"net/http"
	"net/url"
	"strings"

	"rekey/core"
)

// deed is something that an operator does. It is asked about on a page of its own, and
// done by its form.
type deed struct {
	path          string // below /console
	home          string // the page below /console from which it is done
	subject       func(*visit) (shown, error)
	scope         core.Scope
	name          string // of what is to be done
	button        string
	consequence   string
	done          string // the notice's code; "" if the answer itself is shown
	severe        bool
	offered       func(account) bool // whether it is of use; nil for what is about no account
	method, toAPI string             // ":id" stands for the path's
	payload       func(*visit) any   // what the API is told; nil for nothing
}

// ofAccount are the deeds about one account, in the order in which they are offered.
func ofAccount() []deed {
	const one = "/accounts/:id"
	const post, remove = http.MethodPost, http.MethodDelete
	always := func(account) bool { return true }
	all := []deed{
		{
			path: one + "/unlock", scope: core.AccountsWrite, name: "Unlock", button: "Unlock the account", done: "unlocked",
			consequence: "The failed attempts are forgotten, and the owner can try again at once.",
			offered:     func(a account) bool { return a.Failures > 0 || a.Locked }, method: post, toAPI: one + "/unlock",
		},
		{
			path: one + "/end_sessions", scope: core.AccountsWrite, name: "End sessions", button: "End all sessions", done: "sessions-ended",
			consequence: "Session tokens that were issued until now are dead, wherever their verifiers ask for it. The password stays.",
			offered:     always, method: post, toAPI: one + "/end_sessions",
		},
		{
			path: one + "/reset_link", scope: core.TokensIssue, name: "Issue a reset link", button: "Issue a reset link",
			consequence: "Whoever has the link can choose a new password. It is shown once. Links that were issued before stop working.",
			offered:     func(a account) bool { return !a.Disabled }, method: post, toAPI: one + "/reset_token",
		},
		{
			path: one + "/revoke_links", scope: core.TokensIssue, name: "Revoke reset links", button: "Revoke all reset links", done: "revoked",
			consequence: "No reset link that was issued until now works any more.",
			offered:     always, method: remove, toAPI: one + "/reset_token",
		},
		{
			path: one + "/disable", scope: core.AccountsWrite, name: "Disable", button: "Disable the account", done: "disabled", severe: true,
			consequence: "Its password can neither be changed nor verified until it is enabled again.",
			offered:     func(a account) bool { return !a.Disabled }, method: post, toAPI: one + "/disable",
		},
		{
			path: one + "/enable", scope: core.AccountsWrite, name: "Enable", button: "Enable the account", done: "enabled",
			consequence: "Its password can be changed and verified again.",
			offered:     func(a account) bool { return a.Disabled }, method: post, toAPI: one + "/enable",
		},
	}
	for i := range all {
		all[i].home, all[i].subject = one, named
	}
	return all
}

// named returns what the account is called that the path names.
func named(v *visit) (shown, error) {
	a, err := v.accountOf(v.Param("id"))
	return a.Title(), err
}

// deeds are all there are.
func deeds() []deed { return append(ofAccount(), ofDeliveries()...) }

// deedsFor returns what can be done with the account by the operator's key.
func (v *visit) deedsFor(a account) (links []deedLink) {
	for _, d := range ofAccount() {
		if v.bearer.May(d.scope) && d.offered(a) {
			links = append(links, deedLink{d.name + "…", home + fill(d.path, string(a.ID))})
		}
	}
	return links
}

// fill puts an id into a path.
func fill(path, id string) string {
	return strings.Replace(path, ":id", url.PathEscape(id), 1)
}
