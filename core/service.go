package core

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Parts is what a [Service] is made of. All fields of the first group are
// required, except that History may be 0.
type Parts struct {
	Store    Store
	Hasher   Hasher
	Policy   Policy
	History  int           // how many passwords, the current one included, may not be chosen again; 0 keeps none
	TokenTTL time.Duration // how long a reset token lives
	Now      func() time.Time
	Random   io.Reader // cryptographically secure, safe for concurrent use

	AccessKeys AccessKeys // required by access keys
	Replays    Replays    // required by who manages over a network
	Deliveries Deliveries // the same

	Sessions      Sessions // required, with AccessKeys, by sessions
	SessionLimits SessionLimits
	SealUnder     func(secret Secret, purpose string) (Sealer, error) // a sealer whose key is made of a secret that is not stored; required by sessions

	Outbox   Outbox   // required by notices; nil if nothing is ever mailed
	Throttle Throttle // required by RequestReset
	Attempts Attempts // counts failed proofs; nil lets anybody guess as often as they like
	Rules    AttemptRules
	Factors  Factors // required by one-time codes
	Sealer   Sealer  // required by one-time codes
	Notices  bool    // tell owners by mail of every change, and of guesses that were stopped
	Telling  Telling // who else is told

	Observer Observer // is told of every step; may be nil

	Endings func(Ending) // is told of every change once it is over, by any number of goroutines at once, and must not keep them waiting; may be nil
	Samples Samples      // required by LastMinutes
}

// Service is the password domain. Its methods are safe for concurrent use.
type Service struct{ Parts }

// New returns a service made of the parts.
func New(parts Parts) *Service {
	if parts.Observer != nil {
		parts = observed(parts)
	}
	return &Service{parts}
}

// CheckPolicy returns WeakPassword with every violation if the policy refuses
// p, and nil otherwise. It knows no account, so a password that passes may
// still be refused as an account's own name.
func (s *Service) CheckPolicy(p Password) error { return s.judge(p) }

func (s *Service) judge(p Password, own ...string) error {
	if violations := s.Policy.Check(p, own...); len(violations) > 0 {
		return &Error{Code: WeakPassword, Violations: violations}
	}
	return nil
}

// find returns the account that l names in the tenant, or NotFound.
func (s *Service) find(ctx context.Context, tenant TenantID, l Locator) (Account, error) {
	key, ok := l.key()
	if !ok || tenant == "" {
		return Account{}, NotFound
	}
	account, err := s.Store.Account(ctx, tenant, key)
	if err != nil {
		return Account{}, fmt.Errorf("find account: %w", err)
	}
	if !l.names(account) {
		return Account{}, NotFound
	}
	return account, nil
}

// present returns the time, to the microsecond that stores keep, in UTC.
func (s *Service) present() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// random returns n random bytes.
func (s *Service) random(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.Random, b); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return b, nil
}

// event returns a new event of this moment.
func (s *Service) event(action Action, tenant TenantID, account AccountID, origin Origin) (Event, error) {
	now := s.present()
	id, err := s.newID(now)
	if err != nil {
		return Event{}, err
	}
	return Event{ID: EventID(id), At: now, Tenant: tenant, Account: account, Action: action, Origin: origin}, nil
}

// newID returns a UUID of version 7 (RFC 9562, section 5.7).
func (s *Service) newID(now time.Time) (string, error) {
	b, err := s.random(16)
	if err != nil {
		return "", err
	}
	ms := now.UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i)) //nolint:gosec // the lowest byte is meant
	}
	b[6] = b[6]&0x0f | 0x70
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// recordPatience bounds how long a refusal waits for its event to be stored.
const recordPatience = 5 * time.Second

// record stores an event of its own, also for a client that has hung up.
func (s *Service) record(ctx context.Context, e Event) error {
	return s.lastingly(ctx, "record event", func(ctx context.Context) error { return s.Store.Record(ctx, e) })
}

// lastingly writes also for a client that has hung up. Unavailable if it fails.
func (*Service) lastingly(ctx context.Context, what string, write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordPatience)
	defer cancel()
	if err := write(ctx); err != nil {
		return &Error{Code: Unavailable, Err: errors.Join(errors.New(what), err)}
	}
	return nil
}
