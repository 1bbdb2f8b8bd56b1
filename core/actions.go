package core

// Actions returns all actions, in the order of their declaration.
func Actions() []Action {
	return []Action{
		PasswordChanged,
		PasswordRefused,
		AccountCreated,
		AccountDisabled,
		AccountEnabled,
		AccountLocked,
		AccountUnlocked,
		AccountImported,
		ExternalIDSet,
		TokenIssued,
		TokensRevoked,
		ResetRequested,
		CodeRequested,
		CodeIssued,
		FactorAdded,
		FactorRemoved,
		PasswordVerified,
		VerifyRefused,
		HashUpgraded,
		SessionsEnded,
		AccessKeyAdded,
		AccessKeyRevoked,
		DeliveriesRetried,
		SignedIn,
		SignedOut,
		SessionConfirmed,
	}
}
