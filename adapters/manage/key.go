package manage

import (
	"net/http"
	"time"

	"rekey/core"
)

// accessKey is how a key is told to its bearer.
type accessKey struct {
	Name      string        `json:"name"`
	Tenant    core.TenantID `json:"tenant"`
	Scopes    []core.Scope  `json:"scopes"`
	CreatedAt time.Time     `json:"created_at"`
	ExpiresAt *time.Time    `json:"expires_at"`
}

func (*Adapter) showKey(c *call) (answer, error) {
	k := c.key
	return say(http.StatusOK, plainJSON, accessKey{k.Name, k.Tenant, k.Scopes, k.CreatedAt, instant(k.ExpiresAt)})
}
