package bearer

import (
	"context"

	"rekey/adapters"
)

// NewRingOf returns a ring that fetches what answer returns: the body of a
// JWK Set, or an error.
func NewRingOf(env adapters.Env, answer func(ctx context.Context, address string) ([]byte, error)) *Ring {
	r := NewRing(env)
	r.fetch = func(ctx context.Context, id setID) (map[string]any, error) {
		body, err := answer(ctx, id.address)
		if err != nil {
			return nil, err
		}
		return parseSet(body, id.algorithm)
	}
	return r
}

// Fetch fetches the keys at the address once, over HTTP.
func Fetch(ctx context.Context, address, algorithm string) (map[string]any, error) {
	return overHTTP()(ctx, setID{address, algorithm})
}

// ParseSet returns the kids that are of use, and their keys.
func ParseSet(body []byte, algorithm string) (map[string]any, error) {
	return parseSet(body, algorithm)
}
