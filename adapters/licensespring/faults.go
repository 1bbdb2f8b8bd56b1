package licensespring

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// fault is a row of the vendor's error table, or of ours in its style. It is
// an error, so that handlers can return it.
type fault struct {
	adapters.Fault
	class core.Code
}

// Error returns the vendor's code.
func (f fault) Error() string { return f.Code }

// Unwrap returns the fault's classification, for the log.
func (f fault) Unwrap() error { return f.class }

func refuse(class core.Code, status int, code, message string) fault {
	return fault{adapters.Fault{Status: status, Code: code, Message: message}, class}
}

// listing appends the names at fault, as the vendor does.
func (f fault) listing(names []string) fault { return f.because(strings.Join(names, ", ")) }

// because appends what is wrong. The text holds no value that a client sent.
func (f fault) because(what string) fault {
	f.Message += ": " + what
	return f
}

// What the vendor documents about the request's headers and fields. Where it
// gives no message, the message is ours.
var (
	missingHeaders       = refuse(core.Unauthenticated, 400, "missing_headers", "Some headers are missing")
	missingParameters    = refuse(core.Invalid, 400, "missing_parameters", "Some parameters are missing in the request")
	dateDiff             = refuse(core.Unauthenticated, 400, "date_header_diff", "Date header must be an HTTP date within 15 minutes of the server's time")
	invalidHeaders       = refuse(core.Unauthenticated, 400, "authorization_invalid_headers", "invalid headers value in authorization")
	missingAuthorization = refuse(core.Unauthenticated, 400, "authorization_missing_params", "some parameters are missing in authorization")
	hmacRequired         = refuse(core.Unauthenticated, 400, "hmac_required", "hmac is required algorithm")
	invalidAPIKey        = refuse(core.Unauthenticated, 400, "invalid_api_key", "provided api key is not valid")
	revokedAPIKey        = refuse(core.Forbidden, 400, "revoked_api_key", "provided api key is revoked")
	readOnlyAPIKey       = refuse(core.Forbidden, 400, "read_only_api_key", "provided api key is read only")
	signatureMismatch    = refuse(core.Unauthenticated, 401, "signature_mismatch", "Signature mismatch.")
	notAllowed           = refuse(core.Forbidden, 400, "change_password_not_allowed", "Change password not allowed for the company")
	validation           = refuse(core.Invalid, 400, "validation_error", "Request is not valid")
)

// What the vendor documents about OAuth tokens, and what follows from it. Its
// Python client answers the first two with a new token and another try, as
// often as it gets them, so they are for nothing else.
var (
	oauthExpired   = refuse(core.Unauthenticated, 401, "oauth_token_expired", "OAuth token is expired")
	oauthMalformed = refuse(core.Unauthenticated, 401, "oauth_token_malformed", "OAuth token is malformed")
	oauthInvalid   = refuse(core.Unauthenticated, 401, "oauth_token_invalid", "OAuth token is not valid for any company")
	oauthRequired  = refuse(core.Forbidden, 400, "oauth_required", "OAuth is required for the company, its API key is not accepted")
)

// wrong is one row for all that would tell whether an account exists.
var wrong = adapters.Fault{Status: 400, Code: "invalid_credentials", Message: "Username or password is not correct"}

// unavailable is one row for all that passes by itself.
var unavailable = adapters.Fault{Status: 503, Code: "service_unavailable", Message: "Service is unavailable, try again later"}

// internal is the vendor's documented row.
var internal = adapters.Fault{Status: 500, Code: "internal_error", Message: "Server-side error: Internal error"}

var faults = adapters.Faults{
	core.Invalid:         {Status: 400, Code: "validation_error", Message: "Request is not valid"},
	core.Unauthenticated: signatureMismatch.Fault,
	core.Forbidden:       notAllowed.Fault,
	core.Disabled:        wrong,
	core.NotFound:        wrong,
	core.WrongPassword:   wrong,
	core.WrongFactor:     wrong,
	core.BadToken:        wrong,
	core.UsedToken:       wrong,
	core.WeakPassword:    {Status: 400, Code: "weak_password", Message: "New password is not accepted"},
	core.ReusedPassword:  {Status: 400, Code: "password_reused", Message: "New password was used before, choose another one"},
	core.Throttled:       {Status: 429, Code: "too_many_requests", Message: "Too many attempts, try again later"},
	core.Conflict:        unavailable,
	core.Unavailable:     unavailable,
	core.Internal:        internal,

	adapters.NoRoute:   {Status: 404, Code: "not_found", Message: "Not found"},
	adapters.BadMethod: {Status: 405, Code: "method_not_allowed", Message: "Method not allowed"},
	adapters.TooLarge:  {Status: 413, Code: "request_too_large", Message: "Request body is too large"},
	adapters.Malformed: {Status: 400, Code: "invalid_json", Message: "Request body is not valid JSON"},
	adapters.BadMedia:  {Status: 415, Code: "unsupported_media_type", Message: "Content type is not supported"},
	adapters.TooSlow:   {Status: 408, Code: "request_timeout", Message: "Request body did not arrive in time"},
}

// jsonReasons say what is wrong with a body that is no JSON.
var jsonReasons = map[adapters.JSONReason]string{
	adapters.JSONSyntax:    "syntax error",
	adapters.JSONTruncated: "it ends too early",
	adapters.JSONComma:     "a comma before a closing bracket",
	adapters.JSONDuplicate: "a field is given twice",
	adapters.JSONEncoding:  "text is not valid Unicode",
	adapters.JSONTrailing:  "there is data after the object",
}

// Fail implements [adapters.Adapter]. Every failure has the vendor's three
// members, as JSON: clients read nothing else.
func (a *Adapter) Fail(c echo.Context, err error) error {
	adapters.RetryAfter(c, err)
	f := word(err)
	if f.Status == http.StatusUnauthorized && strings.HasPrefix(f.Code, "oauth_") {
		c.Response().Header().Set(echo.HeaderWWWAuthenticate, `Bearer error="invalid_token"`) // RFC 6750, section 3
	}
	return adapters.AnswerJSON(c, f.Status, struct {
		Status  int    `json:"status"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}{f.Status, f.Code, f.Message})
}

// word returns the row for any error.
func word(err error) adapters.Fault {
	var own fault
	if errors.As(err, &own) {
		return own.Fault
	}
	f := faults.Of(err)
	var malformed *adapters.MalformedJSON
	if errors.As(err, &malformed) {
		f.Message += ": " + jsonReasons[malformed.Reason]
	}
	if weak := core.AsError(err); weak.Code == core.WeakPassword {
		f.Message += ": " + rules(weak.Violations)
	}
	return f
}
