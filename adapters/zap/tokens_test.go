package zap_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/adaptertest"
)

// at returns a time as tokens have it.
func at(after time.Duration) int64 { return adaptertest.Now.Add(after).Unix() }

// claims returns those of a good token, changed. A nil takes a claim away.
func claims(change jwt.MapClaims) jwt.MapClaims {
	all := jwt.MapClaims{
		"iss": "https://id.example", "aud": "rekey", "sub": "root", "role": "site-admin",
		"iat": at(-time.Minute), "exp": at(time.Hour),
	}
	maps.Copy(all, change)
	maps.DeleteFunc(all, func(_ string, claim any) bool { return claim == nil })
	return all
}

// sign returns the token.
func sign(method jwt.SigningMethod, key any, claims jwt.Claims) string {
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		panic(err)
	}
	return token
}

func hs256(key string, change jwt.MapClaims) string {
	return sign(jwt.SigningMethodHS256, []byte(key), claims(change))
}

func vendorToken(role string, life time.Duration) string {
	return sign(jwt.SigningMethodHS256, []byte(vendorSecret), jwt.MapClaims{
		"user": map[string]any{"id": "641b0f3c8a2d4e5f6a7b8c00", "email": "root@acme.example", "roleId": role},
		"iat":  at(-time.Minute), "exp": at(-time.Minute + life),
	})
}

// constants are the tokens that clients send.
func constants() map[string]string {
	tokens := map[string]string{
		"forged":         hs256("a secret that no issuer has", nil),
		"other":          hs256(otherSecret, nil),
		"unsigned":       sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil)),
		"vendor":         vendorToken("641b0f3c8a2d4e5f6a7b8c9d", 6*time.Hour),
		"vendor.user":    vendorToken("641b0f3c8a2d4e5f6a7b8c9e", 6*time.Hour),
		"vendor.refresh": vendorToken("641b0f3c8a2d4e5f6a7b8c9d", 90*24*time.Hour),
	}
	for name, change := range map[string]jwt.MapClaims{
		"admin":     nil,
		"expired":   {"exp": at(-30 * time.Second)},
		"future":    {"iat": at(31 * time.Second)},
		"early":     {"nbf": at(31 * time.Second)},
		"late":      {"exp": at(-29 * time.Second)},
		"ahead":     {"iat": at(30 * time.Second), "nbf": at(30 * time.Second)},
		"eternal":   {"exp": nil},
		"undated":   {"iat": nil},
		"anonymous": {"sub": ""},
		"foreign":   {"iss": "https://id.elsewhere.example"},
		"elsewhere": {"aud": "elsewhere"},
		"user":      {"role": "user"},
		"almost":    {"role": "site-administrator"},
		"roleless":  {"role": nil},
		"odd":       {"role": map[string]any{"site-admin": true}},
		"many":      {"role": []string{"user", "site-admin"}},
		"now":       {"iat": at(0)},
	} {
		tokens[name] = hs256(mainSecret, change)
	}
	return tokens
}

// signed returns the token of this header and these claims, as they are written.
func signed(header, payload string, method jwt.SigningMethod, key any) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	signature, err := method.Sign(text, key)
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// with returns a token of the issuer main whose header and claims are changed
// by JSON text: it replaces what it names.
func with(header, payload string) string {
	return signed(`{"alg":"HS256"`+header+`}`, payload, jwt.SigningMethodHS256, []byte(mainSecret))
}

func good() string {
	payload, err := json.Marshal(claims(nil))
	if err != nil {
		panic(err)
	}
	return string(payload)
}

// but returns the good claims with one of them in other words.
func but(name, value string) string {
	all := claims(jwt.MapClaims{name: json.RawMessage(value)})
	payload, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(payload)
}

// respelt returns the token with a bit set that the last character of its
// signature has to spare (RFC 4648, section 3.5).
func respelt(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(token) - 1
	return token[:last] + string(alphabet[strings.IndexByte(alphabet, token[last])|1])
}
