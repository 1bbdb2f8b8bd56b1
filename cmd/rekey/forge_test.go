package main

import (
	"encoding/json"
	"maps"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// replaced returns the members of a JSON object with one of them in other words.
func replaced(body, name, text string) map[string]any {
	var members map[string]any
	if err := json.Unmarshal([]byte(body), &members); err != nil {
		panic(err)
	}
	members[name] = text
	return members
}

// adminTokenWith returns a token of the dev installation's issuer with other
// claims.
func (r *running) adminTokenWith(changes map[string]any) string {
	claims := jwt.MapClaims{
		"iss": devIssuer, "aud": devAudience, "sub": "dev", "role": devAdminRole,
		"iat": time.Now().Unix(), "exp": time.Now().Add(devLifetime).Unix(),
	}
	maps.Copy(claims, changes)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(r.ZAP.HMACSecret))
	if err != nil {
		panic(err)
	}
	return token
}
