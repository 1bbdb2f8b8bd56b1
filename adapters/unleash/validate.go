package unleash

import (
	"crypto/sha256"
	"encoding/binary"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// validate tells who bears a live reset token, and does not spend it. The
// vendor's web client only looks whether it fails.
func (a *Adapter) validate(c echo.Context) error {
	caller, err := a.tokens.caller(c.Request().Header)
	if err != nil {
		return err
	}
	text := c.QueryParam("token")
	token, account, err := a.env.Passwords.InspectToken(c.Request().Context(), caller.tenant, core.NewToken(text))
	if err != nil {
		return err
	}
	return adapters.AnswerJSON(c, http.StatusOK, bearer{
		Token: text, CreatedBy: token.IssuedBy, Email: account.Email, Name: account.Name,
		ID: userID(account), Role: a.roleOf(account),
	})
}

// bearer is the vendor's answer, in its order of members.
type bearer struct {
	Token     string   `json:"token"`
	CreatedBy string   `json:"createdBy"`
	Email     string   `json:"email,omitempty"`
	Name      string   `json:"name,omitempty"`
	ID        int64    `json:"id"`
	Role      rootRole `json:"role"`
}

// rootRole is a role as the vendor tells it.
type rootRole struct {
	ID          int    `json:"id"`
	Description string `json:"description"`
	Type        string `json:"type"`
	Name        string `json:"name"`
}

// rootRoles are the vendor's own, with the descriptions that its database has
// from the start.
var rootRoles = map[string]rootRole{
	"admin": {1, "Users with the root admin role have superuser access to Unleash and can perform any operation within the " +
		"Unleash platform.", "root", "Admin"},
	"editor": {2, "Users with the root editor role have access to most features in Unleash, but can not manage users and roles " +
		"in the root scope. Editors will be added as project owners when creating projects and get superuser rights within the " +
		"context of these projects. Users with the editor role will also get access to most permissions on the default project " +
		"by default.", "root", "Editor"},
	"viewer": {3, "Users with the root viewer role can only read root resources in Unleash. Viewers can be added to specific " +
		"projects as project members. Users with the viewer role may not view API tokens.", "root", "Viewer"},
}

// RoleAttribute is the attribute of an account that holds its root role:
// admin, editor or viewer.
const RoleAttribute = "unleash.role"

func (a *Adapter) roleOf(account core.Account) rootRole {
	if role, ok := rootRoles[account.Attributes[RoleAttribute]]; ok {
		return role
	}
	return rootRoles[a.cfg.DefaultRole]
}

// ExternalID is the kind of external id that an Unleash user's number is.
const ExternalID = "unleash"

// userID returns the number that the vendor calls the account by: its external
// id, and for an account without one a number made of its id, which is stable
// and above any that the vendor counted up to.
func userID(account core.Account) int64 {
	if id, err := strconv.ParseInt(account.ExternalIDs[ExternalID], 10, 64); err == nil && id > 0 {
		return id
	}
	sum := sha256.Sum256([]byte(account.ID))
	return int64(1<<31 | binary.BigEndian.Uint32(sum[:])>>1)
}
