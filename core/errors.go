package core

import (
	"context"
	"errors"
	"time"
)

// Code classifies a failure. It is an error itself, so a code may be returned
// bare where there is nothing to add.
type Code string

// The closed set of codes. Every dialect words each of them.
const (
	Invalid         Code = "invalid"         // the command is malformed; Fields names what
	Unauthenticated Code = "unauthenticated" // the caller's credential does not hold
	Forbidden       Code = "forbidden"       // the caller is known and may not do this
	Disabled        Code = "disabled"        // the account is disabled
	NotFound        Code = "not_found"       // no such account; worded as WrongPassword is
	WrongPassword   Code = "wrong_password"  // the present password does not match
	WrongFactor     Code = "wrong_factor"    // the one-time code does not match
	BadToken        Code = "bad_token"       // the reset token is unknown, expired or superseded
	UsedToken       Code = "used_token"      // the reset token was redeemed before
	WeakPassword    Code = "weak_password"   // the policy refuses the new password; Violations says why
	ReusedPassword  Code = "reused_password" // the new password is the current one or in the history
	Throttled       Code = "throttled"       // too many attempts; RetryAfter says how long to wait
	Conflict        Code = "conflict"        // a concurrent change won, or a name is taken (Fields)
	Unavailable     Code = "unavailable"     // a dependency is down or overloaded; try again after RetryAfter
	Internal        Code = "internal"        // a failure that nobody classified
)

// Codes returns all codes, in the order of their declaration.
func Codes() []Code {
	return []Code{
		Invalid, Unauthenticated, Forbidden, Disabled, NotFound, WrongPassword, WrongFactor, BadToken,
		UsedToken, WeakPassword, ReusedPassword, Throttled, Conflict, Unavailable, Internal,
	}
}

// Error returns the code's name.
func (c Code) Error() string { return string(c) }

// Error is a classified failure with its facts. It never carries wording for
// a client, nor a secret.
type Error struct {
	Code       Code
	Fields     []string      // which parts of the command are at fault, by the core's names
	Violations []Violation   // with WeakPassword
	RetryAfter time.Duration // with Throttled and Unavailable; 0 if unknown
	Err        error         // the cause, for logs; may be nil
}

// Error returns the code's name and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the code of e.
func (e *Error) Is(target error) bool { return target == e.Code }

// CodeOf classifies any error. The outermost classification wins; a cancelled
// or expired context is Unavailable; anything else is Internal. It returns
// the empty code for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e := classified(err); e != nil {
		return e.Code
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Unavailable
	}
	return Internal
}

// AsError returns err as a classified [Error] with the facts of its outermost
// classification, and nil for nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e := classified(err); e != nil {
		return e
	}
	return &Error{Code: CodeOf(err), Err: err}
}

// classified finds the outermost classification: errors.As would prefer one
// type over the other, whatever their order.
func classified(err error) *Error {
	for err != nil {
		switch e := err.(type) { //nolint:errorlint // this is the walk that errors.As would do
		case *Error:
			return e
		case Code:
			return &Error{Code: e}
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, err := range e.Unwrap() {
				if e := classified(err); e != nil {
					return e
				}
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}
