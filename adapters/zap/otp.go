package zap

import (
	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// codeFields are all that a request for a code may hold. The vendor's page
// names none: the account is named as a change names it.
var codeFields = []field{
	{name: "email", valid: isEmail, flaw: badEmail},
	{name: "userId", optional: true, valid: userID.MatchString, flaw: badUserID},
}

// mailCode asks for a one-time code to be mailed to the user. Its yes is the
// same for a user that does not exist.
func (a *Adapter) mailCode(c echo.Context) error {
	admin, err := a.admin(c.Request())
	if err != nil {
		return err
	}
	members, err := readObject(c.Request())
	if err != nil {
		return err
	}
	texts, found := judge(members, codeFields)
	if len(found) > 0 {
		return found
	}
	// All administrators may share one console, so its address is not limited.
	limits := core.MailLimits{PerAddress: a.env.MailLimits.PerAddress}
	user := core.Locator{External: core.Key{Kind: ExternalID, Value: texts["userId"]}, Email: texts["email"]}
	err = a.env.Passwords.RequestCode(c.Request().Context(), admin.tenant, user, admin.String(), limits, adapters.Origin(c, a))
	if err != nil {
		return err
	}
	return done(c, "OTP Generated")
}
