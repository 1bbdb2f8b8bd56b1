package console

// notices are what a page says first after something was done, by the code that the
// address has: never another text.
var notices = map[string]string{
	"signed-out":     "You have signed out.",
	"session-over":   "The session has ended. Sign in again to go on where you were.",
	"disabled":       "The account is disabled.",
	"enabled":        "The account is enabled.",
	"unlocked":       "The failed attempts are forgotten: the account is not locked.",
	"sessions-ended": "All sessions of the account have ended.",
	"revoked":        "The account's reset links are revoked.",
	"retried":        "The delivery is tried again now.",
	"more":           "Many dead deliveries are tried again now, and some are left. Do it once more for those.",
	"all-retried":    "The dead deliveries are tried again now.",
}
