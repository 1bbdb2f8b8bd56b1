package adapters_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/labstack/echo/v4"

	"rekey/adapters"
	"rekey/core"
)

// witness notes what it is told, and names the requests' contexts.
type witness struct {
	name string
	told *[]adapters.Answered
	ends *[]string
}

type nameKey struct{}

func (w witness) Begin(r *http.Request) (context.Context, func(adapters.Answered)) {
	outer, _ := r.Context().Value(nameKey{}).(string)
	return context.WithValue(r.Context(), nameKey{}, outer+w.name), func(a adapters.Answered) {
		a.Took = 0
		*w.told, *w.ends = append(*w.told, a), append(*w.ends, w.name)
	}
}

func TestAnObserverIsToldOfEveryRequestInFewWords(t *testing.T) {
	var told []adapters.Answered
	var ends []string
	seen := ""
	do, _ := serve(t, &adapters.Watch{Observers: []adapters.Observer{witness{"one ", &told, &ends}, witness{"two", &told, &ends}}}, func(c echo.Context) error {
		seen, _ = c.Request().Context().Value(nameKey{}).(string)
		return core.Throttled
	})
	for _, c := range []struct {
		method, path string
		want         adapters.Answered
	}{
		{"POST", "/a/do", adapters.Answered{Dialect: "a", Method: "POST", Route: "/a/do", Status: 418, Code: "throttled"}},
		{"POST", "/a/do/?token=hunter2", adapters.Answered{Dialect: "a", Method: "POST", Route: "/a/do", Status: 418, Code: "throttled"}},
		{"HUNTER2", "/a/do", adapters.Answered{Dialect: "a", Method: "other", Route: "/a/do", Status: 418, Code: "bad_method"}},
		{"GET", "/a/hunter2", adapters.Answered{Dialect: "a", Method: "GET", Status: 418, Code: "no_route"}},
		{"GET", "/hunter2", adapters.Answered{Method: "GET", Status: 404, Code: "no_route"}},
		{"GET", "/a/do/hunter2", adapters.Answered{Dialect: "a", Method: "GET", Status: 418, Code: "no_route"}},
	} {
		told, ends = nil, nil
		do(c.method, c.path, "")
		if len(told) != 2 || told[0] != c.want || told[1] != c.want || !slices.Equal(ends, []string{"two", "one "}) {
			t.Errorf("%s %s: got %+v by %v, want %+v twice", c.method, c.path, told, ends, c.want)
		}
	}
	if seen != "one two" {
		t.Errorf("the request went on with the context of %q", seen)
	}
}
