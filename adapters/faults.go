package adapters

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// Fault is how a dialect words one failure.
type Fault struct {
	Status  int
	Code    string // the dialect's code or name for it
	Message string
}

// Faults is a dialect's table: a row for every [core.Code] and every
// [Refusal], see [Faults.Missing].
type Faults map[error]Fault

// Of returns the row for any error at all.
func (f Faults) Of(err error) Fault { return f[Classify(err)] }

// Missing returns the codes and refusals that have no row. A dialect's test
// holds it empty.
func (f Faults) Missing() []error {
	var missing []error
	for _, code := range core.Codes() {
		if _, ok := f[code]; !ok {
			missing = append(missing, code)
		}
	}
	for _, refusal := range Refusals() {
		if _, ok := f[refusal]; !ok {
			missing = append(missing, refusal)
		}
	}
	return missing
}

// Classify returns the [Refusal] or the [core.Code] of any error.
func Classify(err error) error {
	var refusal Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	return core.CodeOf(err)
}

// patience is what a client is told to wait when nobody knows better.
const patience = time.Second

// RetryAfter sets the Retry-After header (RFC 9110, section 10.2.3) where the
// error is one that passes: in whole seconds, at least 1.
func RetryAfter(c echo.Context, err error) {
	switch code, _ := Classify(err).(core.Code); code { //nolint:errorlint // a classification wraps nothing
	case core.Throttled, core.Unavailable, core.Conflict:
	default:
		return
	}
	wait := patience
	if e := core.AsError(err); e.RetryAfter > 0 {
		wait = e.RetryAfter
	}
	c.Response().Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}
