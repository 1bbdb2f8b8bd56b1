package adapters

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rekey/core"
)

// Mount serves the adapters on e. Every error below an adapter's prefix leaves
// through its Fail, also the router's own and a panic's. Paths that nobody
// owns, those of a disabled dialect among them, are answered 404 in no
// dialect. It refuses adapters whose names or prefixes overlap, and routes
// outside their adapter's prefixes.
func Mount(e *echo.Echo, all ...Adapter) error {
	m := mounted{methods: map[string][]string{}}
	for _, a := range all {
		if err := m.add(e, a); err != nil {
			return err
		}
	}
	e.HTTPErrorHandler = m.fail
	e.Pre(m.label)
	return nil
}

const dialectKey = "rekey.dialect"

// label notes the dialect of the request.
func (m *mounted) label(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if a := m.owner(c.Request().URL.Path); a != nil {
			c.Set(dialectKey, a.Name())
		}
		return next(c)
	}
}

// dialectOf returns the name of the dialect that answers, or "".
func dialectOf(c echo.Context) string {
	name, _ := c.Get(dialectKey).(string)
	return name
}

// mounted knows which adapter owns which prefix.
type mounted struct {
	claims  []claim
	methods map[string][]string // by route path
}

type claim struct {
	prefix  string
	adapter Adapter
}

func (m *mounted) add(e *echo.Echo, a Adapter) error {
	if slices.ContainsFunc(m.claims, func(c claim) bool { return c.adapter.Name() == a.Name() }) {
		return fmt.Errorf("two adapters are called %s", a.Name())
	}
	for _, prefix := range a.Prefixes() {
		for _, other := range m.claims {
			if below(prefix, other.prefix) || below(other.prefix, prefix) {
				return fmt.Errorf("%s and %s both claim %s", other.adapter.Name(), a.Name(), prefix)
			}
		}
		m.claims = append(m.claims, claim{prefix, a})
	}
	for _, route := range a.Routes() {
		if owner := m.owner(route.Path); owner == nil || owner.Name() != a.Name() {
			return fmt.Errorf("%s serves %s, which lies outside its prefixes", a.Name(), route.Path)
		}
		for _, path := range []string{route.Path, route.Path + "/"} {
			e.Add(route.Method, path, route.Handler)
			e.OPTIONS(path, refuseMethod) // the framework would answer it itself
		}
		m.methods[route.Path] = append(m.methods[route.Path], route.Method)
	}
	return nil
}

func refuseMethod(echo.Context) error { return BadMethod }

// below reports whether path is prefix or lies below it.
func below(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// owner returns the adapter that owns path, or nil.
func (m *mounted) owner(path string) Adapter {
	i := slices.IndexFunc(m.claims, func(c claim) bool { return below(path, c.prefix) })
	if i < 0 {
		return nil
	}
	return m.claims[i].adapter
}

// fail is the one place where errors become answers.
func (m *mounted) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	err = refusalOf(err)
	if errors.Is(err, BadMethod) {
		methods := m.methods[strings.TrimSuffix(c.Path(), "/")]
		c.Response().Header().Set(echo.HeaderAllow, strings.Join(methods, ", "))
	}
	fail := neutral
	if a := m.owner(c.Request().URL.Path); a != nil {
		fail = a.Fail
	}
	linger := lingering(c)
	_ = fail(c, err) // what cannot be written has no reader
	linger()
}

// refusalOf translates what the framework returns of its own accord.
func refusalOf(err error) error {
	var framework *echo.HTTPError
	switch {
	case !errors.As(err, &framework):
		return err
	case framework.Code == http.StatusNotFound:
		return NoRoute
	case framework.Code == http.StatusMethodNotAllowed:
		return BadMethod
	}
	return core.Internal
}

// neutral answers outside all dialects.
func neutral(c echo.Context, err error) error {
	status := http.StatusNotFound
	switch {
	case errors.Is(err, core.Unavailable):
		status = http.StatusServiceUnavailable
	case errors.Is(Classify(err), core.Internal):
		status = http.StatusInternalServerError
	}
	RetryAfter(c, err)
	return AnswerJSON(c, status, map[string]string{"error": strings.ToLower(http.StatusText(status))})
}
