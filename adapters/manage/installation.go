package manage

import (
	"context"
	"net/http"
	"time"
)

// Installation is what is behind the API and no tenant's own. Whoever reads it
// has the scope [core.InstallationRead].
type Installation interface {
	// Dialects returns all dialects that there are, in one order.
	Dialects() []Dialect

	// Settings returns every key of the configuration, with no secret in it.
	Settings() []Setting

	// Findings examines the installation, or returns what was found a moment
	// ago. It holds no secret.
	Findings(ctx context.Context) (Findings, error)
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

// Setting is a key of the configuration.
type Setting struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Default string `json:"default"`
	Changed bool   `json:"changed"` // also where both are masked
}

// Findings is what was seen when the installation was examined.
type Findings struct {
	Findings  []Finding `json:"findings"`
	CheckedAt time.Time `json:"checked_at"`
}

// Finding is what one check saw.
type Finding struct {
	Check  string `json:"check"`
	State  string `json:"state"` // one of [States]
	Text   string `json:"text"`
	Advice string `json:"advice"` // what to do; empty where nothing is
}

// States returns what a finding may be, the best first. What cannot be judged
// from inside a server that runs is skipped.
func States() []string { return []string{"ok", "skipped", "warning", "problem"} }

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

func (a *Adapter) showConfiguration(c *call) (answer, error) {
	if _, err := readQuery(c.Request().URL); err != nil {
		return answer{}, err
	}
	return say(http.StatusOK, plainJSON, struct {
		Settings []Setting `json:"settings"`
	}{a.installation.Settings()})
}

func (a *Adapter) showFindings(c *call) (answer, error) {
	if _, err := readQuery(c.Request().URL); err != nil {
		return answer{}, err
	}
	found, err := a.installation.Findings(c.Request().Context())
	if err != nil {
		return answer{}, err
	}
	return say(http.StatusOK, plainJSON, found)
}
