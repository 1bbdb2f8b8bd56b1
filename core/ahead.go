package core

import "context"

// hashAhead begins to derive the new verifier while something else is derived
// that must succeed first, if a worker is idle: then a change waits for little
// more than one derivation. Under load no worker is idle, and everything is
// derived in turn, so that nothing is derived in vain.
//
// Whether it is begun depends on what the client sent and on the load, never on
// the account: a wrong password costs a derivation more then, whosever it is.
func (s *Service) hashAhead(ctx context.Context, a *attempt) {
	if a.hash == nil {
		a.hash = s.Hasher.HashAhead(ctx, a.New)
	}
}

// verifies reports whether the proof takes a derivation.
func verifies(p Proof) bool {
	switch proof := p.(type) {
	case Knowledge:
		return true
	case Authority:
		return proof.Current != nil
	}
	return false
}

// verifier returns the new verifier.
func (s *Service) verifier(ctx context.Context, a *attempt) (string, error) {
	if a.hash != nil {
		return a.hash()
	}
	return s.Hasher.Hash(ctx, a.New)
}

// wait waits for what was begun, so that nothing outlives the change.
func (a *attempt) wait() {
	if a.hash != nil {
		_, _ = a.hash()
	}
}
