package licensespring

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"rekey/adapters"
)

// Example returns a signed curl command that changes a password, good for 15
// minutes. It fails if no company of the tenant may change passwords with its API
// key.
func (c Config) Example(x adapters.Example) (string, error) {
	for _, name := range slices.Sorted(maps.Keys(c.Companies)) {
		company := c.Companies[name]
		if x.Tenant != "" && company.Tenant != x.Tenant || !company.signs() {
			continue
		}
		username := x.Account.Email
		if username == "" {
			username = x.Account.Username
		}
		body, err := json.Marshal(struct { //nolint:gosec // an example shows its passwords
			Username    string `json:"username"`
			Password    string `json:"password"`
			NewPassword string `json:"new_password"`
		}{username, x.Current.Reveal(), x.New.Reveal()})
		if err != nil {
			return "", err
		}
		date, authorization := Sign(company.APIKey.Reveal(), company.SharedKey.Reveal(), x.Now)
		return adapters.Curl(x.BaseURL+"/api/v4/change_password", string(body),
			"Content-Type: application/json", "Date: "+date, "Authorization: "+authorization), nil
	}
	return "", errors.New("no company of this tenant may change passwords with an API key; add one under adapters.licensespring.companies")
}

// signs reports whether the company's API key may change passwords.
func (c Company) signs() bool {
	return c.APIKey.IsSet() && !c.Revoked && !c.ReadOnly && c.AllowChangePassword && !c.IsOAuthRequired
}
