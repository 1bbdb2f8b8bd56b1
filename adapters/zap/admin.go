package zap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rekey/adapters/bearer"
	"rekey/core"
)

// admin is an administrator whose token holds, and the tenant that the token's
// issuer is bound to.
type admin struct {
	core.Actor
	tenant core.TenantID
	email  string // as the token has it; "" if it is not asked
}

// admin returns who calls. Unauthenticated if no issuer vouches for the token
// or the administrator's own account has disowned it, Forbidden if the token
// does not name an administrator, Unavailable if that cannot be told.
func (a *Adapter) admin(r *http.Request) (admin, error) {
	token, err := bearer.Read(r.Header)
	if err != nil {
		return admin{}, err
	}
	who, err := a.vouched(r.Context(), token)
	if err != nil {
		return admin{}, err
	}
	return who, a.stands(r.Context(), who)
}

// vouched returns who the token names by the word of the first issuer that
// knows it. One that cannot be asked does not stand in the way of the others.
func (a *Adapter) vouched(ctx context.Context, token bearer.Token) (admin, error) {
	var refusal error = core.Unauthenticated
	for _, issuer := range a.issuers {
		who, err := issuer.verify(ctx, token)
		switch {
		case errors.Is(err, core.Unavailable):
			refusal = err
		case !errors.Is(err, core.Unauthenticated):
			return who, err
		}
	}
	return admin{}, refusal
}

// stands refuses an administrator whose own account is disabled, and a token
// issued before that account's last change of password. Not every
// administrator has an account here: one who has none stands.
func (a *Adapter) stands(ctx context.Context, who admin) error {
	account, err := a.accountOf(ctx, who)
	switch {
	case core.CodeOf(err) == core.NotFound:
		return nil
	case err != nil:
		return fmt.Errorf("the administrator's account: %w", err)
	case account.Disabled, who.IssuedAt.Before(wholeSecond(account.TokensValidAfter)):
		return core.Unauthenticated
	}
	return nil
}

// accountOf returns the administrator's own account: by the subject as an
// external id, and otherwise by the e-mail address of the token. NotFound.
func (a *Adapter) accountOf(ctx context.Context, who admin) (core.Account, error) {
	subject := core.Locator{External: core.Key{Kind: ExternalID, Value: who.Subject}}
	account, err := a.env.Passwords.Account(ctx, who.tenant, subject)
	if who.email == "" || core.CodeOf(err) != core.NotFound {
		return account, err
	}
	return a.env.Passwords.Account(ctx, who.tenant, core.Locator{Email: who.email})
}

// wholeSecond rounds up: a token's iat has whole seconds, so that of one that
// was issued in the second of the change does not tell which came first.
func wholeSecond(t time.Time) time.Time {
	if whole := t.Truncate(time.Second); whole.Before(t) {
		return whole.Add(time.Second)
	}
	return t
}
