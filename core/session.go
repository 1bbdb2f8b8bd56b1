package core

import (
	"context"
	"time"
)

// Session is an operator's: a browser has its token and stands for an access key,
// for a time. It is not to be taken for the sessions of an account, which others
// keep.
type Session struct {
	Digest      Digest // of the token
	Tenant      TenantID
	Key         string // the access key's name
	KeyDigest   Digest
	Sealed      string // the access key, under a key that is made of the token: who has the database alone opens nothing
	StartedAt   time.Time
	SeenAt      time.Time // roughly: up to [seenRoughly] too early
	ConfirmedAt time.Time // when the access key was last given again; zero if it never was
	ExpiresAt   time.Time // whatever happens
}

// Sessions remembers sessions. Errors are classified as a [Store]'s are. All
// processes share them.
type Sessions interface {
	// StartSession stores a new session and the event.
	StartSession(ctx context.Context, x Session, e Event) error

	// Session returns the session with the digest, however old, and its access
	// key, dead or alive. It has no tenant, because the session chooses it.
	// NotFound.
	Session(ctx context.Context, digest Digest) (Session, AccessKey, error)

	// SeeSession notes that the session was used, and never that it was used
	// earlier than is known. It is no error if it is gone.
	SeeSession(ctx context.Context, digest Digest, at time.Time) error

	// RenewSession puts x in the place of the session with the digest and stores
	// the event. NotFound if there is none by now.
	RenewSession(ctx context.Context, digest Digest, x Session, e Event) error

	// EndSession forgets the session and stores the event. NotFound.
	EndSession(ctx context.Context, digest Digest, e Event) error
}

// SessionLimits say how long a session lasts.
type SessionLimits struct {
	Idle      time.Duration // without being used
	Lifetime  time.Duration // however much it is used
	Confirmed time.Duration // how long it may write after the access key was given again
}

// over reports whether the session opens nothing at now. What was promised when it
// was made is an upper bound; limits that became narrower since hold for it, too.
func (l SessionLimits) over(x Session, now time.Time) bool {
	return !now.Before(x.ExpiresAt) || now.Sub(x.StartedAt) >= l.Lifetime || now.Sub(x.SeenAt) >= l.Idle
}

// seenRoughly is how often the use of a session is noted, at most: a write for
// every request would cost more than most requests do. A session may end as much
// too early.
func (l SessionLimits) seenRoughly() time.Duration { return min(time.Minute, l.Idle/15) }

// Actor names the session's access key in the audit trail.
func (x Session) Actor() string { return AccessKey{Name: x.Key}.Actor() }

// Confirmed reports whether the session may write: its access key was given again
// not long ago. Signing in is not enough.
func (s *Service) Confirmed(x Session) bool {
	return s.present().Sub(x.ConfirmedAt) < s.SessionLimits.Confirmed // never confirmed is long ago
}
