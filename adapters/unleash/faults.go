package unleash

import (
	"net/http"

	"rekey/adapters"
	"rekey/core"
)

// fault is a failure that says what the table cannot: its words depend on the
// request.
type fault struct {
	adapters.Fault
	class   error // its [core.Code] or [adapters.Refusal]
	details []any // what stands below "details"; nil for the message
}

// Error returns the classification: the words may quote the client.
func (f *fault) Error() string { return f.class.Error() }

// Unwrap returns the classification.
func (f *fault) Unwrap() error { return f.class }

// noPassword is the vendor's answer to an empty password.
var noPassword = &fault{
	class:   core.WeakPassword,
	details: []any{weakness{[]string{}, emptyMessage}},
	Fault:   adapters.Fault{Status: http.StatusBadRequest, Code: "PasswordUndefinedError", Message: emptyMessage},
}

const emptyMessage = "Password cannot be empty or undefined"

var (
	// deadToken is one row for every token that cannot be redeemed, also a
	// disabled account's: an outsider learns no reason.
	deadToken   = adapters.Fault{Status: http.StatusUnauthorized, Code: "InvalidTokenError", Message: "Token was not valid"}
	noUser      = adapters.Fault{Status: http.StatusNotFound, Code: "NotFoundError", Message: "No user found"}
	unavailable = adapters.Fault{
		Status: http.StatusServiceUnavailable, Code: "UnavailableError",
		Message: "The service is temporarily unavailable. Please try again later.",
	}
)

// faults words every failure. A row without a Code is a message alone, as the
// vendor's parser and its check of API tokens answer.
var faults = adapters.Faults{
	core.Invalid: {Status: http.StatusBadRequest, Code: "BadDataError", Message: badDataMessage},
	core.Unauthenticated: {
		Status: http.StatusUnauthorized, Code: "AuthenticationRequired",
		Message: "You must authenticate to use this endpoint. Provide a valid admin API token as the `authorization` header.",
	},
	core.Forbidden:     {Status: http.StatusForbidden, Message: "invalid token: expected a different token type for this endpoint"},
	core.Disabled:      deadToken,
	core.NotFound:      noUser,
	core.WrongPassword: noUser,
	core.WrongFactor:   deadToken,
	core.BadToken:      deadToken,
	core.UsedToken:     deadToken,
	core.WeakPassword:  {Status: http.StatusBadRequest, Code: "OwaspValidationError", Message: "The password may not be used."},
	core.ReusedPassword: {
		Status: http.StatusBadRequest, Code: "PasswordPreviouslyUsedError",
		Message: "You've previously used this password. Please use a new password.",
	},
	core.Throttled: {
		Status: http.StatusTooManyRequests, Code: "RateLimitError", Message: "Too many attempts. Please try again later.",
	},
	core.Conflict:    unavailable,
	core.Unavailable: unavailable,
	core.Internal:    {Status: http.StatusInternalServerError, Code: "UnknownError", Message: "Something went wrong."},

	adapters.NoRoute: {
		Status: http.StatusNotFound, Code: "NotFoundError", Message: "The path you were looking for is not available.",
	},
	adapters.BadMethod: {
		Status: http.StatusMethodNotAllowed, Code: "MethodNotAllowedError",
		Message: "The path you were looking for does not support this method.",
	},
	adapters.TooLarge:  {Status: http.StatusRequestEntityTooLarge, Message: "request entity too large"},
	adapters.Malformed: {Status: http.StatusBadRequest, Message: "request body could not be read"},
	adapters.BadMedia:  {Status: http.StatusUnsupportedMediaType, Message: "unsupported media type"},
	adapters.TooSlow:   {Status: http.StatusRequestTimeout, Message: "request body did not arrive in time"},
}
