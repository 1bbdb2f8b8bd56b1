package manage

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// resetToken is the one time that a reset token is told.
type resetToken struct {
	Token     string    `json:"token"`
	URL       string    `json:"url,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
}

func (a *Adapter) issueToken(c *call) (answer, error) {
	if err := c.nothing(); err != nil {
		return answer{}, err
	}
	token, known, err := a.env.Passwords.IssueToken(c.Request().Context(), c.key.Tenant, c.account(), c.key.Actor(), c.origin)
	if err != nil {
		return answer{}, err
	}
	told := resetToken{Token: token.Reveal(), ExpiresAt: known.ExpiresAt}
	if a.baseURL != "" {
		told.URL = strings.TrimSuffix(a.baseURL, "/") + "/reset-password?token=" + url.QueryEscape(told.Token)
	}
	return say(http.StatusCreated, plainJSON, told)
}

func (a *Adapter) revokeTokens(c *call) (answer, error) {
	if err := c.nothing(); err != nil {
		return answer{}, err
	}
	n, err := a.env.Passwords.RevokeTokens(c.Request().Context(), c.key.Tenant, c.account(), c.key.Actor(), c.origin)
	if err != nil {
		return answer{}, err
	}
	return say(http.StatusOK, plainJSON, map[string]int{"revoked": n})
}
