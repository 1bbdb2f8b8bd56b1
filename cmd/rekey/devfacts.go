package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters"
	"rekey/adapters/builtin"
	"rekey/adapters/zap"
	"rekey/core"
)

// devFacts is what a dev installation tells of itself.
type devFacts struct {
	BaseURL, OperationsURL, ManageURL, ConsoleURL string

	ResetURL string // of the account that no command names; "" if there are no pages

	manageKey core.Secret
	keys      devKeys
	samples   []sample
}

// introduce prints what was set up and a command for each dialect, each for an
// account of its own.
func (d devFacts) introduce(out io.Writer, dialects builtin.Config, operations string) error {
	var text strings.Builder
	say(&text, "rekey dev: for trying it out, not for production. Unless you named a database, nothing is kept.\n")
	say(&text, "  clients     %s", d.BaseURL)
	if operations != "" {
		say(&text, "  operations  %s/healthz, %s/readyz", operations, operations)
	}
	say(&text, "\nPaste these; each changes a password, and refuses to do so twice.\n")
	for n, name := range dialects.Enabled() {
		s := d.samples[n%3]
		command, err := dialects.Example(name, adapters.Example{
			BaseURL: d.BaseURL, Now: time.Now(), Tenant: s.Tenant, Account: s.Account, Token: s.token,
			Current: core.NewPassword(s.password), New: core.NewPassword("Correct horse battery staple 1"),
		})
		if err != nil {
			command = "no example: " + err.Error()
		}
		say(&text, "# %s: %s\n%s\n", name, s.Email, command)
	}
	d.introduceKey(&text)
	d.introducePages(&text)
	d.introduceConsole(&text)
	say(&text, "Stop with Ctrl-C. The log follows.\n")
	_, err := io.WriteString(out, text.String())
	return err
}

// write writes the facts as JSON, for programs: all at once, so that whoever
// waits for the file finds it whole, and readable by this user only.
func (d devFacts) write(path string) error {
	facts, err := d.facts()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(facts, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".facts-*")
	if err != nil {
		return problemf("--facts: %v", err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	if _, err = file.Write(append(text, '\n')); err == nil {
		err = file.Close()
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return problemf("--facts: %v", err)
	}
	return nil
}

func (d devFacts) facts() (map[string]any, error) {
	var accounts, tokens []any
	for _, s := range d.samples {
		accounts = append(accounts, map[string]any{
			"id": s.ID, "tenant": s.Tenant, "username": s.Username, "email": s.Email,
			"password": s.password, "zap_user_id": s.ExternalIDs[zap.ExternalID],
		})
		tokens = append(tokens, s.token.Reveal())
	}
	admin, err := d.keys.adminToken(devAdminRole)
	if err != nil {
		return nil, err
	}
	other, err := d.keys.adminToken("support")
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"base_url":       d.BaseURL,
		"operations_url": d.OperationsURL,
		"accounts":       accounts,
		"licensespring": map[string]any{
			"api_key": d.keys.apiKey, "shared_key": d.keys.sharedKey,
			"refused_api_key": d.keys.refusedAPIKey, "refused_shared_key": d.keys.refusedSharedKey,
		},
		"unleash": map[string]any{"reset_tokens": tokens, "admin_token": d.keys.unleashAdmin},
		"pages":   map[string]any{"reset_url": d.ResetURL, "forgot_url": d.BaseURL + "/forgot-password"},
		"manage":  map[string]any{"url": d.ManageURL, "key": d.manageKey.Reveal()},
		"console": map[string]any{"sign_in_url": d.ConsoleURL},
		"sealing": map[string]any{"active": "dev", "key": d.keys.sealing},
		"zap":     map[string]any{"admin_token": admin, "other_role_token": other, "hmac_secret": d.keys.hmacSecret},
	}, nil
}

// adminToken mints a token of the dev installation's issuer.
func (k devKeys) adminToken(role string) (string, error) {
	now := time.Now()
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": devIssuer, "aud": devAudience, "sub": "dev-" + role, "role": role,
		"iat": now.Unix(), "exp": now.Add(devLifetime).Unix(),
	}).SignedString([]byte(k.hmacSecret))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return token, nil
}
