package core

// Actions returns all actions, in the order of their declaration.
func Actions() []Action {
	return []Action{
		PasswordChanged, PasswordRefused, AccountCreated, AccountImported, AccountDisabled, AccountEnabled, AccountLocked, AccountUnlocked,
		ExternalIDSet, TokenIssued, TokensRevoked, ResetRequested, CodeRequested, CodeIssued, FactorAdded, FactorRemoved, AccessKeyAdded, AccessKeyRevoked,
		PasswordVerified, VerifyRefused, HashUpgraded, SessionsEnded,
	}
}
