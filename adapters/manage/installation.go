package manage

import (
	"net/http"
)

// Installation is what is behind the API and no tenant's own. Whoever reads it
// has the scope [core.InstallationRead].
type Installation interface {
	// Dialects returns all dialects that there are, in one order.
	Dialects() []Dialect
}

// Dialect is one way of asking for changes.
type Dialect struct {
	Name    string  `json:"name"`
	Enabled bool    `json:"enabled"`
	Routes  []Route `json:"routes"` // none while it is not enabled
}

// Route is one method on one path. A part of the path that begins with a colon
// stands for any.
type Route struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

func (a *Adapter) listDialects(c *call) (answer, error) {
	if _, err := readQuery(c.Request().URL); err != nil {
		return answer{}, err
	}
	told := struct {
		Dialects []Dialect `json:"dialects"`
	}{[]Dialect{}}
	for _, d := range a.installation.Dialects() {
		if d.Routes == nil {
			d.Routes = []Route{}
		}
		told.Dialects = append(told.Dialects, d)
	}
	return say(http.StatusOK, plainJSON, told)
}
