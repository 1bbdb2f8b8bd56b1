package webhook

import (
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"rekey/adapters"
	"rekey/config/secret"
	"rekey/core"
)

// Config is the section of webhooks.
type Config struct {
	// RefusedAfter is how many attempts in a row must fail by one name before password.change_refused is sent.
	RefusedAfter int `key:"refused_after"`
	// Endpoints are who is told of events, by a name of the operator's choice.
	Endpoints map[string]Endpoint `key:"endpoints"`
}

// Endpoint is the section of one endpoint.
type Endpoint struct {
	// URL is where events are posted.
	URL string `key:"url"`
	// Secrets sign them, each with a signature of its own, so that a receiver may know any of them.
	Secrets []secret.Value `key:"secrets"`
	// Events are what it is told of; all if empty.
	Events []core.Action `key:"events"`
	// Tenants are whose events it is told of; everybody's if empty.
	Tenants []core.TenantID `key:"tenants"`
	// AllowHTTP lets URL begin with http:// also where it does not lead to this machine.
	AllowHTTP bool `key:"allow_http"`
	// AllowPrivate lets URL lead to addresses of private networks.
	AllowPrivate bool `key:"allow_private"`
	// CA is a file of authorities, in PEM, that are trusted in place of the system's.
	CA string `key:"ca"`
	// Timeout bounds a try, from the connection to the answer.
	Timeout time.Duration `key:"timeout"`
	// Workers is how many deliveries one process has under way at once.
	Workers int `key:"workers"`
}

// Default returns the section of an installation that says nothing.
func Default() Config { return Config{RefusedAfter: 5} }

// SetDefaults gives an endpoint what it does not say.
func (e *Endpoint) SetDefaults() { *e = Endpoint{Timeout: 10 * time.Second, Workers: 4} }

// maxTimeout is less than half of the lease of a delivery.
const maxTimeout = 25 * time.Second

var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// Told returns the endpoints as the core takes them, in the order of their names.
func (c Config) Told() (all []core.Endpoint) {
	for _, name := range slices.Sorted(maps.Keys(c.Endpoints)) {
		e := c.Endpoints[name]
		actions := e.Events
		if len(actions) == 0 {
			actions = core.ToldActions()
		}
		all = append(all, core.Endpoint{Name: name, Actions: actions, Tenants: e.Tenants})
	}
	return all
}

// Validate reports every problem under its key, relative to the section.
func (c Config) Validate(report func(key, problem string)) {
	if c.RefusedAfter < 1 || c.RefusedAfter > core.MaxStop {
		report("refused_after", fmt.Sprintf("set 1 to %d", core.MaxStop))
	}
	for name, e := range c.Endpoints {
		if !namePattern.MatchString(name) {
			report("endpoints."+name, "name endpoints with lower-case letters, digits, - and _, at most 32")
		}
		e.validate(func(key, problem string) { report("endpoints."+name+"."+key, problem) })
	}
}

func (e Endpoint) validate(report func(key, problem string)) {
	if _, err := e.target(); err != nil {
		report("url", err.Error())
	}
	if len(e.Secrets) == 0 {
		report("secrets", "give at least one, as `echo whsec_$(openssl rand -base64 32)` makes it")
	}
	for i, s := range e.Secrets {
		if _, err := key(s); err != nil {
			report("secrets", fmt.Sprintf("number %d: %v", i+1, err))
		}
	}
	for _, action := range e.Events {
		if !slices.Contains(core.ToldActions(), action) {
			report("events", fmt.Sprintf("there is no event %q to be told of; there are %v", action, core.ToldActions()))
		}
	}
	for _, tenant := range e.Tenants {
		if !tenant.Valid() {
			report("tenants", fmt.Sprintf("%q cannot name a tenant", tenant))
		}
	}
	if _, err := e.tlsConfig(); err != nil {
		report("ca", "name a file of certificates in PEM: "+err.Error())
	}
	if e.Timeout < time.Second || e.Timeout > maxTimeout {
		report("timeout", "set 1s to "+maxTimeout.String())
	}
	if e.Workers < 1 || e.Workers > 64 {
		report("workers", "set 1 to 64")
	}
}

// target parses the URL.
func (e Endpoint) target() (*url.URL, error) {
	at, err := url.Parse(e.URL)
	switch {
	case err != nil || at.Hostname() == "" || at.Opaque != "" || at.Fragment != "" || at.Scheme != "https" && at.Scheme != "http":
		return nil, errors.New("write where events are posted, such as https://hooks.acme.example/rekey")
	case at.User != nil:
		return nil, errors.New("leave the user and password out: the signature says who sends")
	case at.Scheme == "http" && !e.AllowHTTP && !loopback(at.Hostname()):
		return nil, errors.New("begin with https://, or set allow_http: whoever is on the way reads who changed a password")
	}
	return at, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// The bytes that a secret has (Standard Webhooks, "Signature scheme").
const (
	leastSecret = 24
	mostSecret  = 64
)

// key returns the bytes of a secret.
func key(s secret.Value) ([]byte, error) {
	text, marked := strings.CutPrefix(s.Reveal(), "whsec_")
	bytes, err := base64.StdEncoding.DecodeString(text)
	if !marked || err != nil || len(bytes) < leastSecret || len(bytes) > mostSecret {
		return nil, errors.New("write whsec_ and then 24 to 64 random bytes in base64")
	}
	return bytes, nil
}

// tlsConfig returns what the endpoint has to prove.
func (e Endpoint) tlsConfig() (*tls.Config, error) {
	roots, err := adapters.Roots(e.CA)
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}, nil
}
