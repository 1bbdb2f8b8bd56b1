package manage

import (
	"net"
	"net/url"
	"strconv"
)

// Config is the section of the management API.
type Config struct {
	// Enabled switches it on.
	Enabled bool `key:"enabled"`
	// Address is a listener of its own, as host:port. Empty: it is served where the clients are.
	Address string `key:"address"`
	// BaseURL is what reset links begin with. Empty: reset tokens come without a link.
	BaseURL string `key:"base_url"`
}

// Default returns the section of an installation that says nothing.
func Default() Config { return Config{} }

// Validate reports every problem under its key, relative to the section.
func (c Config) Validate(report func(key, problem string)) {
	_, port, err := net.SplitHostPort(c.Address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if c.Address != "" && err != nil {
		report("address", "write host:port, such as 10.0.0.5:8082, or nothing to serve it where the clients are")
	}
	base, err := url.Parse(c.BaseURL)
	plain := err != nil || base.Host == "" || base.RawQuery != "" || base.Fragment != "" || base.User != nil
	if c.BaseURL != "" && (plain || base.Scheme != "https" && base.Scheme != "http") {
		report("base_url", "write an address such as https://id.acme.example, without a query, or nothing")
	}
}
