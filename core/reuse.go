package core

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strings"
)

// reuse returns ReusedPassword if the new password is the current one or one
// of the history's. Otherwise it returns the account's history salt and the
// entry to remember, which is nil if no history is kept. One derivation
// answers for all entries of one setting, and all have the same unless the
// cost was changed meanwhile.
func (s *Service) reuse(ctx context.Context, a *attempt) (salt []byte, remember *string, err error) {
	if a.current != nil && a.New.Equal(*a.current) {
		return nil, nil, ReusedPassword
	}
	if s.History == 0 {
		return a.account.HistorySalt, nil, nil
	}
	if salt = a.account.HistorySalt; len(salt) == 0 {
		if salt, err = s.random(16); err != nil {
			return nil, nil, err
		}
	}
	derive := s.deriver(ctx, a.New)
	entry, err := derive(s.Hasher.Setting(salt))
	if err != nil {
		return nil, nil, err
	}
	for _, old := range a.account.History[:min(s.History, len(a.account.History))] {
		hash, err := derive(old.Hash[:max(0, strings.LastIndexByte(old.Hash, '$'))])
		if err != nil {
			return nil, nil, err
		}
		if subtle.ConstantTimeCompare([]byte(hash), []byte(old.Hash)) == 1 {
			return nil, nil, ReusedPassword
		}
	}
	if err := s.reuseCurrent(ctx, a); err != nil {
		return nil, nil, err
	}
	return salt, &entry, nil
}

// deriver returns a function that derives p under a setting, once for each.
func (s *Service) deriver(ctx context.Context, p Password) func(setting string) (string, error) {
	derived := map[string]string{}
	return func(setting string) (string, error) {
		if hash, ok := derived[setting]; ok {
			return hash, nil
		}
		hash, err := s.Hasher.Derive(ctx, p, setting)
		if err != nil {
			return "", fmt.Errorf("derive history: %w", err)
		}
		derived[setting] = hash
		return hash, nil
	}
}

// reuseCurrent covers a current password that is neither in hand nor in the
// history, as an imported one is. It costs a derivation of its own.
func (s *Service) reuseCurrent(ctx context.Context, a *attempt) error {
	if a.current != nil || a.account.Verifier == "" || a.account.remembersCurrent() {
		return nil
	}
	same, err := s.Hasher.Verify(ctx, a.New, a.account.Verifier)
	switch {
	case err != nil:
		return fmt.Errorf("verify current: %w", err)
	case same:
		return ReusedPassword
	}
	return nil
}
