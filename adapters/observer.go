package adapters

import (
	"context"
	"net/http"
	"time"
)

// Observer is told of every request, by any number of goroutines at once.
type Observer interface {
	// Begin is called when a request has come. The request goes on with the
	// context that it returns; end is called once it is answered.
	Begin(r *http.Request) (within context.Context, end func(Answered))
}

// Answered is what an [Observer] may know of a request. All of it is of few
// values, whatever clients send, and none of it is a client's own words.
type Answered struct {
	Dialect string // "" if no dialect answered
	Method  string // "other" if it is none of HTTP's
	Route   string // the route's pattern, without a slash at its end; "" for paths that no route has
	Status  int
	Code    string // how the failure is classified; "" if there was none
	Took    time.Duration
}
