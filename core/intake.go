package core

import "context"

// Intake is what a [Store] does with many accounts at once. Its methods keep
// the promises of the Store's.
type Intake interface {
	// Named returns the accounts of the tenant that any of the keys names,
	// whole, in the order of their ids.
	Named(ctx context.Context, tenant TenantID, keys []Key) ([]Account, error)

	// Import stores every arrival of the tenant and its event, or nothing.
	// Conflict, with the kind of key in Fields where it is known, if another
	// account has a key by now, or if a known account was written meanwhile.
	Import(ctx context.Context, tenant TenantID, arrivals []Arrival) error

	// AccountsWhole is [Store.Accounts] with the history, newest entry first.
	AccountsWhole(ctx context.Context, tenant TenantID, after AccountID, limit int) ([]Account, error)

	// Tenants returns every tenant that has an account, in order.
	Tenants(ctx context.Context) ([]TenantID, error)
}

// Arrival is one account that an import writes.
type Arrival struct {
	// Account is as it is to be. Of an account that is known already, the
	// names, the attributes, the standing, the verifier and the times are
	// written; the history and the factor stay.
	Account Account

	Was   int64 // the revision that a known account was read at, the guard; 0 for a new one
	Keys  []Key // what a known account did not answer to before
	Ends  bool  // end the live reset tokens and mailed codes of a known account
	Event Event
}

// Hashes judges hashes that others made.
type Hashes interface {
	// Canonical returns the text that is kept of a hash. Its error may be
	// shown: it tells nothing of the text.
	Canonical(text string) (string, error)

	// Remembered returns nil if text can be an entry of a history under salt.
	Remembered(text string, salt []byte) error
}
