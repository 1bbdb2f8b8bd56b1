package bearer

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"rekey/adapters"
)

// keys are the keys of one issuer. kid is what a token's header says, and ask
// whether an issuer may be asked for a key that is not known. Errors are
// Unauthenticated and Unavailable.
type keys interface {
	key(ctx context.Context, kid any, ask bool) (any, error)
}

// Ring makes the verifiers of one dialect and owns what keeps their keys
// fresh. Issuers that publish at one address are asked once for all.
type Ring struct {
	now   func() time.Time
	log   *slog.Logger
	fetch fetcher
	sets  map[setID]*set
	stop  context.CancelFunc
	group sync.WaitGroup
}

// setID tells sets apart: keys are chosen by the algorithm.
type setID struct{ address, algorithm string }

// NewRing returns an empty ring.
func NewRing(env adapters.Env) *Ring {
	return &Ring{now: env.Now, log: env.Log, fetch: overHTTP(), sets: map[setID]*set{}, stop: func() {}}
}

// Verifier returns a verifier of the rules. Call it before [Ring.Start]. It
// fails if the rules' source has a problem.
func (r *Ring) Verifier(rules Rules) (*Verifier, error) {
	if field, problem := rules.Problem(); problem != "" {
		return nil, fmt.Errorf("%s: %s", field, problem)
	}
	return newVerifier(rules, r.keys(rules.Source), r.now), nil
}

func (r *Ring) keys(s Source) keys {
	switch s.Field() {
	case FieldSecret:
		return fixed{[]byte(s.Secret.Reveal())}
	case FieldPublicKey:
		key, _ := publicKey(s.PublicKey.Reveal())
		return fixed{key}
	}
	id := setID{s.JWKSURL, s.Algorithm}
	if r.sets[id] == nil {
		r.sets[id] = newSet(id, r.fetch, r.log)
	}
	return r.sets[id]
}

// Start fetches the keys that issuers publish and keeps them fresh until
// Close. It does not wait: an issuer may be down. Call it once.
func (r *Ring) Start() {
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	for _, s := range r.sets {
		r.group.Go(func() { s.keepFresh(ctx) })
	}
}

// Close ends the fetching and waits for its end. Keys that are known stay
// good. It may be called again.
func (r *Ring) Close() error {
	r.stop()
	r.group.Wait()
	return nil
}

// fixed is a key of the configuration: what a token says of keys is not asked.
type fixed struct{ value any }

func (f fixed) key(context.Context, any, bool) (any, error) { return f.value, nil }
