package rig

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ChangeByPassword is LicenseSpring's change_password.
func (c *Client) ChangeByPassword(ctx context.Context, a Account, current, fresh string) Answer {
	date := time.Now().UTC().Format(http.TimeFormat)
	mac := hmac.New(sha256.New, []byte(c.Keys.SharedKey))
	mac.Write([]byte("licenseSpring\ndate: " + date))
	authorization := fmt.Sprintf(`algorithm="hmac-sha256",headers="date",signature="%s",apikey="%s"`,
		base64.StdEncoding.EncodeToString(mac.Sum(nil)), c.Keys.APIKey)
	return c.post(ctx, licensespring, "/api/v4/change_password",
		map[string]string{"Date": date, "Authorization": authorization},
		map[string]string{"username": a.Email, "password": current, "new_password": fresh})
}

var licensespring = dialect{
	yes: exactly("password_changed", "text/plain; charset=utf-8"),
	no: func(status int, body []byte) (string, string) {
		said, fault := members[struct {
			Status        *int
			Code, Message *string
		}](body)
		switch {
		case fault != "":
			return "", fault
		case said.Status == nil || said.Code == nil || said.Message == nil || *said.Code == "" || *said.Message == "":
			return "", "a member is missing"
		case *said.Status != status:
			return *said.Code, "the body tells another status"
		}
		return *said.Code, ""
	},
}

// Redeem is Unleash's reset of a password.
func (c *Client) Redeem(ctx context.Context, token, fresh string) Answer {
	return c.post(ctx, unleash, "/auth/reset/password", nil, map[string]string{"token": token, "password": fresh})
}

// Link asks for a reset link, as a backend with Unleash's API does, and returns
// the token in it. It is "" if there is none.
func (c *Client) Link(ctx context.Context, a Account) (token string, answer Answer) {
	answer = c.post(ctx, dialect{yes: func(http.Header, string) string { return "" }, no: unleash.no}, "/api/admin/user-admin/reset-password",
		map[string]string{"Authorization": c.Keys.AdminToken}, map[string]string{"id": a.Email})
	if answer.Verdict != Acknowledged {
		return "", answer
	}
	said, fault := members[struct{ ResetPasswordURL string }]([]byte(answer.Text))
	link, err := url.Parse(said.ResetPasswordURL)
	if token = link.Query().Get("token"); fault != "" || err != nil || token == "" {
		answer.Fault = "no link: " + fault
	}
	return token, answer
}

var unleash = dialect{
	yes: exactly("", ""),
	no: func(_ int, body []byte) (string, string) {
		said, fault := members[struct {
			ID, Name, Message string
			Details           []json.RawMessage
		}](body)
		if fault == "" && said.Message == "" {
			fault = "there is no message"
		}
		return said.Name, fault
	},
}

// ChangeByAdmin is ZAP's changePassword.
func (c *Client) ChangeByAdmin(ctx context.Context, a Account, current, fresh string) Answer {
	token, err := c.adminToken()
	if err != nil {
		return Answer{Verdict: Unknown, Err: err}
	}
	return c.post(ctx, zap, "/v1/changePassword",
		map[string]string{"Authorization": "Bearer " + token},
		map[string]string{"userId": a.UserID, "email": a.Email, "oldPassword": current, "newPassword": fresh})
}

// adminToken returns a fresh token of the tenant's issuer.
func (c *Client) adminToken() (string, error) {
	now := time.Now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": c.Keys.IssuerName, "aud": audience, "sub": "rig", "role": adminRole,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}).SignedString([]byte(c.Keys.IssuerSecret))
}

var zap = dialect{
	yes: exactly(`{"success":true,"data":"Password updated successfully"}`, "application/json; charset=utf-8"),
	no: func(_ int, body []byte) (string, string) {
		said, fault := members[struct {
			Success        *bool
			Error, Message *string
		}](body)
		switch {
		case fault != "":
			return "", fault
		case said.Success == nil || *said.Success || said.Error == nil || said.Message == nil || *said.Error == "" || *said.Message == "":
			return "", "a member is missing, or success is told"
		}
		return *said.Error, ""
	},
}
