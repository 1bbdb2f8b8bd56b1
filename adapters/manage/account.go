package manage

import (
	"net/http"
	"time"

	"rekey/adapters"
	"rekey/core"
)

// account is how an account is told: all but its secrets.
type account struct {
	ID                core.AccountID    `json:"id"`
	Username          string            `json:"username,omitempty"`
	Email             string            `json:"email,omitempty"`
	Name              string            `json:"name,omitempty"`
	ExternalIDs       map[string]string `json:"external_ids"`
	Attributes        map[string]string `json:"attributes"`
	Disabled          bool              `json:"disabled"`
	HasPassword       bool              `json:"has_password"`
	OneTimeCodes      bool              `json:"one_time_codes"`
	PasswordChangedAt *time.Time        `json:"password_changed_at"`
	TokensValidAfter  *time.Time        `json:"tokens_valid_after"`
	CreatedAt         time.Time         `json:"created_at"`

	Failures *int  `json:"failed_attempts,omitempty"`
	Locked   *bool `json:"locked,omitempty"`
}

func accountOf(a core.Account) account {
	told := account{
		ID: a.ID, Username: a.Username, Email: a.Email, Name: a.Name,
		ExternalIDs: a.ExternalIDs, Attributes: a.Attributes, Disabled: a.Disabled,
		HasPassword: a.Verifier != "", OneTimeCodes: a.Factor != nil,
		PasswordChangedAt: instant(a.PasswordChangedAt), TokensValidAfter: instant(a.TokensValidAfter), CreatedAt: a.CreatedAt,
	}
	if told.ExternalIDs == nil {
		told.ExternalIDs = map[string]string{}
	}
	if told.Attributes == nil {
		told.Attributes = map[string]string{}
	}
	return told
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// newAccount is what a client writes. A member that is null is one that is not
// there.
type newAccount struct {
	Username    string            `json:"username"`
	Email       string            `json:"email"`
	Name        string            `json:"name"`
	ExternalIDs map[string]string `json:"external_ids"`
	Attributes  map[string]string `json:"attributes"`
	Password    *string           `json:"password"`
	Hash        *string           `json:"hash"`
	ChangedAt   *time.Time        `json:"password_changed_at"`
}

func (a *Adapter) createAccount(c *call) (answer, error) {
	req, err := decode[newAccount](c.body)
	if err != nil {
		return answer{}, err
	}
	n := core.NewAccount{
		Tenant: c.key.Tenant, Username: req.Username, Email: req.Email, Name: req.Name,
		ExternalIDs: req.ExternalIDs, Attributes: req.Attributes, By: c.key.Actor(),
	}
	if req.Password != nil {
		p := core.NewPassword(*req.Password)
		n.Password = &p
	}
	if req.Hash != nil {
		if n.Hash = core.NewSecret(*req.Hash); *req.Hash == "" {
			return answer{}, &core.Error{Code: core.Invalid, Fields: []string{"hash"}}
		}
	}
	if req.ChangedAt != nil {
		n.ChangedAt = *req.ChangedAt
	}
	made, err := a.env.Passwords.CreateAccount(c.Request().Context(), n, c.origin)
	if err != nil {
		return answer{}, req.locate(err)
	}
	told, err := say(http.StatusCreated, plainJSON, accountOf(made))
	told.Location = "/manage/v1/accounts/" + string(made.ID)
	return told, err
}

// locate says of a fault where in the body it stands: the core calls the kind of
// an external id as it does the name of an attribute.
func (n newAccount) locate(err error) error {
	refused := core.AsError(err)
	if refused.Code != core.Invalid {
		return err
	}
	where := places(refused.Fields)
	for i, field := range refused.Fields {
		if _, attribute := n.Attributes[field]; attribute && adapters.Tellable(field) {
			where[i].Pointer = "#/attributes/" + field
		}
	}
	return &refusal{faults[core.Invalid], err, where}
}

func (a *Adapter) showAccount(c *call) (answer, error) {
	found, err := a.env.Passwords.Account(c.Request().Context(), c.key.Tenant, c.account())
	if err != nil {
		return answer{}, err
	}
	n, locked, err := a.env.Passwords.Failures(c.Request().Context(), found)
	if err != nil {
		return answer{}, err
	}
	told := accountOf(found)
	told.Failures, told.Locked = &n, &locked
	return say(http.StatusOK, plainJSON, told)
}

// amended answers with the account as a write has left it.
func amended(a core.Account, err error) (answer, error) {
	if err != nil {
		return answer{}, err
	}
	return say(http.StatusOK, plainJSON, accountOf(a))
}

func (a *Adapter) disable(c *call) (answer, error) { return a.setDisabled(c, true) }
func (a *Adapter) enable(c *call) (answer, error)  { return a.setDisabled(c, false) }

func (a *Adapter) setDisabled(c *call, disabled bool) (answer, error) {
	if err := c.nothing(); err != nil {
		return answer{}, err
	}
	return amended(a.env.Passwords.SetDisabled(c.Request().Context(), c.key.Tenant, c.account(), disabled, c.key.Actor(), c.origin))
}

func (a *Adapter) unlock(c *call) (answer, error) {
	if err := c.nothing(); err != nil {
		return answer{}, err
	}
	return amended(a.env.Passwords.Unlock(c.Request().Context(), c.key.Tenant, c.account(), c.key.Actor(), c.origin))
}

func (a *Adapter) endSessions(c *call) (answer, error) {
	if err := c.nothing(); err != nil {
		return answer{}, err
	}
	return amended(a.env.Passwords.EndSessions(c.Request().Context(), c.key.Tenant, c.account(), c.key.Actor(), c.origin))
}

func (a *Adapter) setExternalID(c *call) (answer, error) {
	req, err := decode[struct {
		ID string `json:"id"`
	}](c.body)
	switch {
	case err != nil:
		return answer{}, err
	case req.ID == "":
		return answer{}, &refusal{faults[core.Invalid], core.Invalid, []place{{Pointer: "#/id"}}}
	}
	return a.nameExternally(c, req.ID)
}

func (a *Adapter) removeExternalID(c *call) (answer, error) {
	if err := c.nothing(); err != nil {
		return answer{}, err
	}
	return a.nameExternally(c, "")
}

func (a *Adapter) nameExternally(c *call, id string) (answer, error) {
	key := core.Key{Kind: c.Param("kind"), Value: id}
	return amended(a.env.Passwords.SetExternalID(c.Request().Context(), c.key.Tenant, c.account(), key, c.key.Actor(), c.origin))
}
