package passhash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"rekey/core"
	"rekey/core/passhash/arena"
)

// Pool is the [core.Hasher]. It runs at most Workers derivations at once and
// lets at most Queue callers wait, those that have begun before others and each first
// come first served; a further one is refused at once. A caller whose context ends gives up its place in the
// queue. A derivation that runs is never cut short: its caller waits for it,
// and its worker is free only when it ends. Only [Pool.HashAhead] starts a
// goroutine, which ends with its derivation, so a pool needs no closing.
type Pool struct {
	config Config
	policy core.Policy
	random io.Reader
	queue  *queue
	means  means
	fresh  maker // of verifiers
	past   maker // of history
	decoy  Hash  // verified against where no hash is stored
}

var _ core.Hasher = (*Pool)(nil)

// New returns a pool that takes its salts from random, which must be safe for
// concurrent use. It fails for a configuration that cannot work; whether the
// costs protect anything is for [Config.Validate] to say.
func New(c Config, random io.Reader) (*Pool, error) { return NewPeppered(c, random, Pepper{}) }

// NewPeppered is [New] with a pepper. It fails for an active key beside bcrypt,
// whose hashes others are to read.
func NewPeppered(c Config, random io.Reader, pepper Pepper) (*Pool, error) {
	scheme, ok := makers[c.Scheme]
	switch {
	case !ok:
		return nil, errors.New("passhash: unknown scheme")
	case c.Scheme != Argon2id && pepper.Active != "":
		return nil, fmt.Errorf("passhash: %s takes no pepper", c.Scheme)
	case !workerSpan.has(c.Workers) || !queueSpan.has(c.Queue):
		return nil, fmt.Errorf("passhash: workers must be 0 to %d, queue 0 to %d", workerSpan.max, queueSpan.max)
	}
	for _, m := range makers {
		if err := m.blank(c, make([]byte, saltBytes)).check(); err != nil {
			return nil, fmt.Errorf("passhash: %w", err)
		}
	}
	if err := pepper.check(); err != nil {
		return nil, fmt.Errorf("passhash: pepper: %w", err)
	}
	if c.Workers == 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	scheme = scheme.under(pepper)
	return &Pool{
		config: c,
		policy: core.Policy{MaxBytes: c.MaxBytes(), NoNUL: c.NoNUL()},
		random: random,
		queue:  newQueue(c.Workers, c.Queue),
		means:  means{pepper, arena.NewMemory(c.Workers, c.Argon2id.Memory)},
		fresh:  scheme,
		past:   makers[Argon2id].under(pepper),
		decoy:  scheme.blank(c, make([]byte, saltBytes)),
	}, nil
}

// Hash implements [core.Hasher]. bcrypt refuses a password over 72 bytes or
// with a NUL, by TooManyBytes and HasNUL.
func (p *Pool) Hash(ctx context.Context, password core.Password) (string, error) {
	if found := p.policy.Check(password); len(found) > 0 {
		return "", &core.Error{Code: core.WeakPassword, Violations: found}
	}
	var made string
	err := p.queue.run(ctx, p.making(password, p.salted, &made))
	return made, err
}

// HashAhead implements [core.Hasher]. It begins where two workers are idle, so
// that the caller has one, and nobody waits.
func (p *Pool) HashAhead(_ context.Context, password core.Password) func() (string, error) {
	if len(p.policy.Check(password)) > 0 || !p.queue.spare() {
		return nil
	}
	var made string
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer p.queue.leave()
		defer func() {
			if recover() != nil { // here it would end the process; its text may hold the password
				made, err = "", internal("hash ahead: %w", errors.New("panic"))
			}
		}()
		err = p.queue.work(p.making(password, p.salted, &made))
	}()
	return func() (string, error) {
		<-done
		return made, err
	}
}

// salted returns a blank hash with a fresh salt.
func (p *Pool) salted() (Hash, error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(p.random, salt); err != nil {
		return Hash{}, internal("read a salt: %w", err)
	}
	return p.fresh.blank(p.config, salt), nil
}

// Verify implements [core.Hasher]. A hash that its maker cut at 72 bytes
// verifies the whole password; see the package's doc.
func (p *Pool) Verify(ctx context.Context, password core.Password, stored string) (bool, error) {
	h := p.decoy
	if stored != "" {
		var err error
		if h, err = Parse(stored); err != nil {
			return false, internal("stored hash: %w", err)
		}
	}
	if err := p.means.pepper.knows(h); err != nil {
		return false, err
	}
	var same bool
	err := p.queue.run(ctx, func() (err error) {
		same, err = h.matches(password.Reveal(), p.means)
		return err
	})
	return same && stored != "", err
}

// Derive implements [core.Hasher] for the settings of argon2id, of any cost
// within the bounds, with and without a pepper. The result is setting, '$' and a
// key of 32 bytes.
func (p *Pool) Derive(ctx context.Context, password core.Password, setting string) (string, error) {
	key := make([]byte, p.past.keyBytes)
	h, ok := argon2id.parseSetting(setting, key)
	if !ok {
		h, ok = peppered.parseSetting(setting, key)
	}
	if !ok {
		return "", internal("setting: %w", errUnknown)
	}
	if err := h.check(); err != nil {
		return "", internal("setting: %w", err)
	}
	if err := p.means.pepper.knows(h); err != nil {
		return "", err
	}
	var made string
	err := p.queue.run(ctx, p.making(password, func() (Hash, error) { return h, nil }, &made))
	return made, err
}

// Setting implements [core.Hasher]. [Pool.Derive] takes it for a salt of 8 to
// 64 bytes.
func (p *Pool) Setting(salt []byte) string {
	return p.past.blank(p.config, salt).setting()
}

// Seat implements [core.Hasher].
func (p *Pool) Seat(ctx context.Context, now bool) (context.Context, func(), error) {
	return p.queue.sit(ctx, now)
}

// making returns work that puts the text of the hash that begin returns, with
// the key of password, into made.
func (p *Pool) making(password core.Password, begin func() (Hash, error), made *string) func() error {
	return func() error {
		h, err := begin()
		if err != nil {
			return err
		}
		if h, err = h.with(password.Reveal(), p.means); err == nil {
			*made = h.String()
		}
		return err
	}
}

// internal classifies a failure that no caller of ours can mend.
func internal(format string, cause error) error {
	return &core.Error{Code: core.Internal, Err: fmt.Errorf(format, cause)}
}
