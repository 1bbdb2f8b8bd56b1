package core

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
)

// SignIn starts a session that stands for the access key and returns its token,
// which was never anybody's before: this is the one time that it can be read. Who
// signs in anew signs out of an older session first. Unauthenticated if the key
// opens nothing, which counts against the client's address and leaves an event;
// Throttled if too much did.
func (s *Service) SignIn(ctx context.Context, key Secret, o Origin) (token Secret, _ Session, err error) {
	limits := signInLimits(o)
	if err := s.mayTry(ctx, limits); err != nil {
		return Secret{}, Session{}, err
	}
	known, err := s.knownKey(ctx, key)
	if err != nil && CodeOf(err) != Unauthenticated {
		return Secret{}, Session{}, err
	}
	x := Session{Tenant: known.Tenant, Key: known.Name, KeyDigest: known.Digest}
	event, failed := s.sessionEvent(SignedIn, x, o)
	switch {
	case failed != nil:
		return Secret{}, Session{}, failed
	case err != nil:
		return Secret{}, Session{}, s.refuseSignIn(ctx, event, Unauthenticated, limits)
	}
	x.StartedAt, x.SeenAt, x.ExpiresAt = event.At, event.At, event.At.Add(s.SessionLimits.Lifetime)
	if token, x, err = s.sealed(x, key); err != nil {
		return Secret{}, Session{}, err
	}
	if err := s.Sessions.StartSession(ctx, x, event); err != nil {
		return Secret{}, Session{}, fmt.Errorf("start session: %w", err)
	}
	return token, x, nil
}

// Resume returns the session with the token and the access key that it stands for.
// Unauthenticated if there is none, if it is over or was not used for too long, or
// if the key is revoked or expired.
func (s *Service) Resume(ctx context.Context, token Secret) (key Secret, _ Session, err error) {
	key, x, err := s.Watch(ctx, token)
	if now := s.present(); err == nil && now.Sub(x.SeenAt) >= s.SessionLimits.seenRoughly() {
		_ = s.Sessions.SeeSession(ctx, x.Digest, now) // what is not noted now is noted at the next request
		x.SeenAt = now
	}
	return key, x, err
}

// Watch is [Service.Resume] for what a browser asks by itself: it is no use of the
// session, which ends as if it had not been asked.
func (s *Service) Watch(ctx context.Context, token Secret) (key Secret, _ Session, err error) {
	now := s.present()
	x, known, err := s.session(ctx, token)
	switch {
	case CodeOf(err) == NotFound:
		return Secret{}, Session{}, Unauthenticated
	case err != nil:
		return Secret{}, Session{}, err
	case s.SessionLimits.over(x, now) || known.dead(now):
		return Secret{}, Session{}, Unauthenticated
	}
	sealer, err := s.SealUnder(token, sessionPurpose)
	if err != nil {
		return Secret{}, Session{}, err
	}
	text, err := sealer.Open(x.Sealed, sessionContext(x))
	if err != nil {
		return Secret{}, Session{}, fmt.Errorf("open session: %w", err)
	}
	return NewSecret(string(text)), x, nil
}

// Confirm lets the session write for a time, if key is the access key that it
// stands for. From then on it has another token, which is returned; the one before
// opens nothing. Unauthenticated as in [Service.Resume]; WrongPassword if it is
// another key, which counts and leaves an event as a refused [Service.SignIn] does;
// Throttled.
func (s *Service) Confirm(ctx context.Context, token, key Secret, o Origin) (renewed Secret, _ Session, err error) {
	_, x, err := s.Resume(ctx, token)
	if err != nil {
		return Secret{}, Session{}, err
	}
	limits := signInLimits(o)
	if err := s.mayTry(ctx, limits); err != nil {
		return Secret{}, Session{}, err
	}
	event, err := s.sessionEvent(SessionConfirmed, x, o)
	if err != nil {
		return Secret{}, Session{}, err
	}
	if given := (Token{key}).Digest(); subtle.ConstantTimeCompare(given[:], x.KeyDigest[:]) != 1 {
		return Secret{}, Session{}, s.refuseSignIn(ctx, event, WrongPassword, limits)
	}
	before := x.Digest
	x.SeenAt, x.ConfirmedAt = event.At, event.At
	if renewed, x, err = s.sealed(x, key); err != nil {
		return Secret{}, Session{}, err
	}
	switch err := s.Sessions.RenewSession(ctx, before, x, event); {
	case CodeOf(err) == NotFound:
		return Secret{}, Session{}, Unauthenticated // it ended meanwhile
	case err != nil:
		return Secret{}, Session{}, fmt.Errorf("renew session: %w", err)
	}
	return renewed, x, nil
}

// SignOut ends the session. It is no error if there is none.
func (s *Service) SignOut(ctx context.Context, token Secret, o Origin) error {
	x, _, err := s.session(ctx, token)
	switch {
	case CodeOf(err) == NotFound:
		return nil
	case err != nil:
		return err
	}
	event, err := s.sessionEvent(SignedOut, x, o)
	if err != nil {
		return err
	}
	if err := s.Sessions.EndSession(ctx, x.Digest, event); err != nil && CodeOf(err) != NotFound {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// session finds the session with the token. NotFound.
func (s *Service) session(ctx context.Context, token Secret) (Session, AccessKey, error) {
	if token.IsEmpty() || len(token.Reveal()) > maxToken {
		return Session{}, AccessKey{}, NotFound
	}
	x, known, err := s.Sessions.Session(ctx, Token{token}.Digest())
	if err != nil {
		return Session{}, AccessKey{}, fmt.Errorf("find session: %w", err)
	}
	return x, known, nil
}

const sessionPurpose = "rekey session v1"

// sessionContext binds what is sealed to the session and to its access key.
func sessionContext(x Session) string {
	return "session/" + hex.EncodeToString(x.Digest[:]) + "/" + hex.EncodeToString(x.KeyDigest[:])
}

// sealed returns the session under a new token, with the access key.
func (s *Service) sealed(x Session, key Secret) (token Secret, _ Session, err error) {
	random, err := s.random(tokenBytes)
	if err != nil {
		return Secret{}, Session{}, err
	}
	token = NewSecret(base64.RawURLEncoding.EncodeToString(random))
	x.Digest = Token{token}.Digest()
	sealer, err := s.SealUnder(token, sessionPurpose)
	if err != nil {
		return Secret{}, Session{}, err
	}
	x.Sealed, err = sealer.Seal([]byte(key.Reveal()), sessionContext(x))
	return token, x, err
}

// sessionEvent returns an event about a session: of nobody, if its access key is
// unknown.
func (s *Service) sessionEvent(action Action, x Session, o Origin) (Event, error) {
	event, err := s.event(action, x.Tenant, "", o)
	if x.Key != "" {
		event.Actor = x.Actor()
	}
	return event, err
}
