package core

import "context"

// Rehearsal is what a password would meet.
type Rehearsal struct {
	Violations []Violation // of the policy, the account's own names included
	Strength   Strength
}

// Rehearse judges a password while its owner types it, as [Service.Change] would
// by the token, except whether it was used before, which takes a derivation. It
// spends, changes and records nothing. The errors are those of
// [Service.InspectToken]: without a live token nothing is told. Invalid over
// "new_password" for text that is no UTF-8.
func (s *Service) Rehearse(ctx context.Context, tenant TenantID, token Token, p Password) (Rehearsal, error) {
	_, account, err := s.InspectToken(ctx, tenant, token)
	if err == nil {
		err = shape(Change{Proof: Possession{token}, New: p})
	}
	if err != nil {
		return Rehearsal{}, err
	}
	own := ownNames(account)
	return Rehearsal{s.Policy.Check(p, own...), s.Policy.Strength(p, own...)}, nil
}
