package unleash

import (
	"encoding/json"
	"maps"
	"slices"

	"rekey/adapters"
)

// Example returns a curl command that redeems a reset token.
func (c Config) Example(x adapters.Example) (string, error) {
	body, err := json.Marshal(struct { //nolint:gosec // a request has to carry them
		Token    string `json:"token"`
		Password string `json:"password"`
	}{x.Token.Reveal(), x.New.Reveal()})
	if err != nil {
		return "", err
	}
	headers := []string{"Content-Type: application/json"}
	for _, name := range slices.Sorted(maps.Keys(c.APITokens)) {
		token := c.APITokens[name]
		if c.Authorization == Required && token.Kind == Admin && (x.Tenant == "" || token.Tenant == x.Tenant) {
			headers = append(headers, "Authorization: "+token.Secret.Reveal())
			break
		}
	}
	return adapters.Curl(x.BaseURL+"/auth/reset/password", string(body), headers...), nil
}
