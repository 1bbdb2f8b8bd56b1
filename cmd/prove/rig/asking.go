package rig

import "context"

// AskForLink asks for a reset link to be mailed, as a visitor of Unleash does.
func (c *Client) AskForLink(ctx context.Context, email string) Answer {
	return c.post(ctx, unleash, "/auth/reset/password-email", nil, map[string]string{"email": email})
}
