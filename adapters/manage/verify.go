package manage

import (
	"net/http"
	"net/netip"
	"time"

	"rekey/core"
)

// question is what a login asks. Whatever names an account must name the same
// one.
type question struct {
	ID         string `json:"id"`
	Login      string `json:"login"`
	Email      string `json:"email"`
	ExternalID struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"external_id"`
	Password      *string     `json:"password"`
	ClientAddress *netip.Addr `json:"client_address"`
}

// verified is what a verifier of session tokens needs beside the yes.
type verified struct {
	Account           core.AccountID `json:"account"`
	PasswordChangedAt *time.Time     `json:"password_changed_at"`
	TokensValidAfter  *time.Time     `json:"tokens_valid_after"`
}

// verify says whether a password is an account's. No, in whichever way, is one
// answer, and no success, so that a caller who looks at the status only lets
// nobody in.
func (a *Adapter) verify(c *call) (answer, error) {
	q, err := decode[question](c.body)
	switch {
	case err != nil:
		return answer{}, err
	case q.Password == nil:
		return answer{}, &core.Error{Code: core.Invalid, Fields: []string{"password"}}
	case (q.ExternalID.Kind == "") != (q.ExternalID.ID == ""):
		return answer{}, &refusal{faults[core.Invalid], core.Invalid, []place{{Pointer: "#/external_id"}}}
	}
	if q.ClientAddress != nil {
		c.origin.Addr = q.ClientAddress.Unmap().WithZone("")
	}
	verdict, err := a.env.Passwords.Verify(c.Request().Context(), core.Verification{
		Tenant: c.key.Tenant,
		Account: core.Locator{
			ID: core.AccountID(q.ID), Login: q.Login, Email: q.Email, External: core.Key{Kind: q.ExternalID.Kind, Value: q.ExternalID.ID},
		},
		Password: core.NewPassword(*q.Password), Origin: c.origin,
		Caller: string(c.key.Tenant) + "/" + c.key.Name, By: c.key.Actor(),
	})
	switch core.CodeOf(err) {
	case "":
	case core.NotFound, core.Disabled:
		return answer{}, core.WrongPassword
	default:
		return answer{}, err
	}
	if verdict.Upgrade != nil {
		a.env.Log.WarnContext(c.Request().Context(), "an old hash is not made anew", "account", verdict.Account, "error", verdict.Upgrade.Error())
	}
	return say(http.StatusOK, plainJSON, verified{verdict.Account, instant(verdict.PasswordChangedAt), instant(verdict.TokensValidAfter)})
}
