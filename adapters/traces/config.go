package traces

import (
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"

	"rekey/config/secret"
)

// Config is the section of traces.
type Config struct {
	// Endpoint takes traces as OTLP over HTTP, as https://collector:4318/v1/traces. Empty: there are none.
	Endpoint string `key:"endpoint"`
	// Headers go with what is sent there.
	Headers map[string]secret.Value `key:"headers"`
	// SampleRatio is the share of requests that is traced, 0 to 1, but for those that a trusted proxy has decided on.
	SampleRatio float64 `key:"sample_ratio"`
}

// Default traces nothing.
func Default() Config { return Config{SampleRatio: 0.1} }

// headerName is a token of RFC 9110, section 5.6.2.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// Validate reports every problem under its key in the section, and changes
// nothing.
func (c Config) Validate(report func(key, problem string)) {
	u, err := url.Parse(c.Endpoint)
	switch {
	case c.Endpoint == "":
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		report("endpoint", "write a URL such as https://collector.acme.example:4318/v1/traces; a credential belongs into headers")
	case u.Scheme == "http" && len(c.Headers) > 0 && !onThisMachine(u.Hostname()):
		report("endpoint", "write https, or everybody on the way can read the headers")
	}
	if !(c.SampleRatio >= 0 && c.SampleRatio <= 1) { // NaN is neither
		report("sample_ratio", "set 0 to 1, such as 0.1")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		if !headerName.MatchString(name) {
			report("headers."+name, "name a header, such as authorization")
		}
	}
}

func onThisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
