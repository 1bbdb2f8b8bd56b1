package bearer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/MicahParks/jwkset"

	"rekey/adapters"
)

// fetcher returns the keys for the algorithm at the address, by kid.
type fetcher func(ctx context.Context, id setID) (map[string]any, error)

const (
	// fetchTimeout bounds one fetch, its body included.
	fetchTimeout = 5 * time.Second
	// maxSet bounds a JWK Set, in bytes. Real ones have a few KiB.
	maxSet = 256 << 10
	// maxRedirects bounds the redirects of one fetch.
	maxRedirects = 3
)

// overHTTP returns a fetcher of JWK Sets. It follows redirects within one
// origin only, and leaves no connection open.
func overHTTP() fetcher {
	client := &http.Client{Timeout: fetchTimeout, CheckRedirect: sameOrigin, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: fetchTimeout, MaxResponseHeaderBytes: 64 << 10,
	}}
	return func(ctx context.Context, id setID) (map[string]any, error) {
		body, err := get(ctx, client, id.address)
		if err != nil {
			return nil, err
		}
		return parseSet(body, id.algorithm)
	}
}

var errRedirect = errors.New("redirected to another origin, or too often")

func sameOrigin(r *http.Request, via []*http.Request) error {
	if from := via[0].URL; r.URL.Scheme != from.Scheme || r.URL.Host != from.Host || len(via) > maxRedirects {
		return errRedirect
	}
	return nil
}

func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/jwk-set+json, application/json")
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answered %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxSet+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > maxSet:
		return nil, fmt.Errorf("answered more than %d bytes", maxSet)
	}
	return body, nil
}

// parseSet returns the keys of a JWK Set (RFC 7517, section 5) that verify
// the algorithm's signatures, by kid. Of two keys with one kid the first
// counts. What is no such key is passed over, so that one odd key does not
// shut out the others.
func parseSet(body []byte, algorithm string) (map[string]any, error) {
	value, err := adapters.ParseJSON(body)
	if err != nil {
		return nil, fmt.Errorf("answered no JSON: %w", err)
	}
	members, ok := adapters.Members(value)
	list := member(members, "keys")
	if !ok || list.Kind() != '[' {
		return nil, errors.New("answered no JWK Set")
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(list, &raw); err != nil {
		return nil, fmt.Errorf("answered no JWK Set: %w", err)
	}
	byKID := map[string]any{}
	for _, text := range raw {
		kid, key := verifying(text, algorithm)
		if _, taken := byKID[kid]; key != nil && !taken {
			byKID[kid] = key
		}
	}
	return byKID, nil
}

// verifying returns the key and its kid if it verifies the algorithm's
// signatures, and nil otherwise. Its alg, use and key_ops are honoured where
// it has them (RFC 7517, section 4); certificates and addresses are not looked
// at, and neither are the private halves of keys that were published by mistake.
func verifying(text json.RawMessage, algorithm string) (kid string, key any) {
	var told jwkset.JWKMarshal
	if err := json.Unmarshal(text, &told); err != nil {
		return "", nil
	}
	jwk, err := jwkset.NewJWKFromMarshal(jwkset.JWKMarshal{
		KTY: told.KTY, CRV: told.CRV, X: told.X, Y: told.Y, N: told.N, E: told.E,
	}, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{SkipMetadata: true})
	switch {
	case err != nil, told.KID == "", len(told.KID) > maxKID,
		told.ALG != "" && told.ALG.String() != algorithm,
		told.USE != "" && told.USE != jwkset.UseSig,
		told.KEYOPS != nil && !slices.Contains(told.KEYOPS, jwkset.KeyOpsVerify),
		!algorithms[algorithm].fits(jwk.Key()):
		return "", nil
	}
	return told.KID, jwk.Key()
}
