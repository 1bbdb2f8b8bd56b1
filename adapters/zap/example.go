package zap

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters"
)

// exampleLife is how long the token of an example lives.
const exampleLife = 15 * time.Minute

// Example returns a curl command that changes a password, with a token of an
// issuer of the tenant. It fails if none has a secret: a private key is not
// configured.
func (c Config) Example(x adapters.Example) (string, error) {
	if x.Account.ExternalIDs[ExternalID] == "" {
		return "", errors.New("the account has no external id " + ExternalID + ", which a client sends as userId; give it one")
	}
	body, err := json.Marshal(struct {
		UserID      string `json:"userId"`
		Email       string `json:"email"`
		OldPassword string `json:"oldPassword"`
		NewPassword string `json:"newPassword"`
	}{x.Account.ExternalIDs[ExternalID], x.Account.Email, x.Current.Reveal(), x.New.Reveal()})
	if err != nil {
		return "", err
	}
	for _, name := range slices.Sorted(maps.Keys(c.Issuers)) {
		issuer := c.Issuers[name]
		if x.Tenant != "" && issuer.Tenant != x.Tenant || !issuer.source().Shared() {
			continue
		}
		token, err := issuer.token(x.Now)
		if err != nil {
			return "", err
		}
		return adapters.Curl(x.BaseURL+"/v1/changePassword", string(body),
			"Content-Type: application/json", "Authorization: Bearer "+token), nil
	}
	return "", errors.New("no issuer of this tenant signs with a secret; ask the issuer for an administrator's token")
}

// token returns a token as the issuer signs them, for an administrator called
// example.
func (i Issuer) token(now time.Time) (string, error) {
	life := exampleLife
	if i.MaxLifetime > 0 {
		life = min(life, i.MaxLifetime)
	}
	claims := jwt.MapClaims{"iat": now.Unix(), "exp": now.Add(life).Unix()}
	if i.Issuer != "" {
		claims["iss"] = i.Issuer
	}
	if len(i.Audience) > 0 {
		claims["aud"] = i.Audience[0]
	}
	put(claims, i.SubjectClaim, "example")
	put(claims, i.RoleClaim, i.AdminRoles[0])
	token := jwt.NewWithClaims(jwt.GetSigningMethod(i.Algorithm), claims)
	if i.Type != "" {
		token.Header["typ"] = i.Type
	}
	return token.SignedString([]byte(i.Secret.Reveal()))
}

// put puts a claim where bearer.Claims finds it.
func put(claims map[string]any, path, value string) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		claims[path] = value
		return
	}
	inner, ok := claims[head].(map[string]any)
	if !ok {
		inner = map[string]any{}
		claims[head] = inner
	}
	put(inner, rest, value)
}
