package mail

import (
	"crypto/tls"
	"errors"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"

	"rekey/adapters"
	"rekey/config/secret"
	"rekey/core"
)

// Config is the section of mail.
type Config struct {
	// Enabled switches mail on. Without it, whoever asks for a reset link gets the same answer and no mail.
	Enabled bool `key:"enabled"`
	// BaseURL is what the links in mails begin with. It is never taken from a request.
	BaseURL string `key:"base_url"`
	// From is the sender, as address or Name <address>.
	From string `key:"from"`
	// Product is what mails call the service. Empty: the host of BaseURL.
	Product string `key:"product"`
	// Notices tells owners of every change of their password, and of guesses at it that were stopped.
	Notices bool `key:"notices"`
	// Templates is a folder whose files take the place of the built-in templates of the same names.
	Templates string `key:"templates"`
	// SMTP is the server that takes the mails.
	SMTP SMTP `key:"smtp"`
	// Limits bound how often mail may be asked for.
	Limits Limits `key:"limits"`
}

// SMTP is the section of the server that takes the mails.
type SMTP struct {
	// Host is its name or address.
	Host string `key:"host"`
	// Port is 587 with starttls, 465 with tls, as a rule.
	Port int `key:"port"`
	// TLS is starttls, tls or none.
	TLS Encryption `key:"tls"`
	// CA is a file of authorities, in PEM, that are trusted in place of the system's.
	CA string `key:"ca"`
	// Username signs in. Empty: nobody does.
	Username string `key:"username"`
	// Password signs in.
	Password secret.Value `key:"password"`
	// Timeout bounds the wait to connect, to sign in and to send, each.
	Timeout time.Duration `key:"timeout"`
}

// Encryption says how the connection to the server is encrypted. What is asked
// for is had, or nothing is sent.
type Encryption string

// The closed set of encryptions.
const (
	StartTLS Encryption = "starttls" // begins in clear and must turn to TLS
	TLS      Encryption = "tls"      // from the first byte
	NoTLS    Encryption = "none"     // never: everybody on the way can read the links
)

// Limits is the section of the limits. All processes share them.
type Limits struct {
	// AddressEvery is how long an address has to wait for its next mail of one kind. 0: no limit.
	AddressEvery time.Duration `key:"address_every"`
	// ClientBurst is how many mails one client's network address may ask for at once,
	ClientBurst int `key:"client_burst"`
	// ClientEvery and then one in every this. 0: no limit.
	ClientEvery time.Duration `key:"client_every"`
}

// Default returns the section of an installation that says nothing.
func Default() Config {
	return Config{
		Notices: true,
		SMTP:    SMTP{Port: 587, TLS: StartTLS, Timeout: 10 * time.Second},
		Limits:  Limits{AddressEvery: time.Minute, ClientBurst: 30, ClientEvery: 2 * time.Minute},
	}
}

// MailLimits returns the limits as the core takes them.
func (c Config) MailLimits() core.MailLimits {
	return core.MailLimits{
		PerAddress: core.Limit{Every: c.Limits.AddressEvery, Burst: 1},
		PerClient:  core.Limit{Every: c.Limits.ClientEvery, Burst: c.Limits.ClientBurst},
	}
}

// Validate reports every problem under its key, relative to the section. It
// reads the templates and tries them.
func (c Config) Validate(report func(key, problem string)) {
	base, err := baseURL(c.BaseURL)
	if err != nil {
		report("base_url", err.Error())
	}
	if _, err := sender(c.From); err != nil {
		report("from", "write the sender's address, such as Acme <no-reply@acme.example>")
	}
	if strings.ContainsFunc(c.Product, unicode.IsControl) {
		report("product", "write one line of text")
	}
	_, problems := parseTemplates(c.Templates, c.product(base))
	for _, problem := range problems {
		report("templates", problem)
	}
	c.SMTP.validate(func(key, problem string) { report("smtp."+key, problem) })
	c.Limits.validate(func(key, problem string) { report("limits."+key, problem) })
}

func (c Config) product(base *url.URL) string {
	if c.Product != "" || base == nil {
		return c.Product
	}
	return base.Hostname()
}

func (s SMTP) validate(report func(key, problem string)) {
	if s.Host == "" || strings.ContainsFunc(s.Host, func(r rune) bool { return r <= ' ' || r == '/' || r == 0x7f }) {
		report("host", "name the server that takes the mails, without a port, such as smtp.acme.example")
	}
	if s.Port < 1 || s.Port > 65535 {
		report("port", "set 1 to 65535")
	}
	if s.TLS != StartTLS && s.TLS != TLS && s.TLS != NoTLS {
		report("tls", "choose starttls, tls or none")
	}
	if _, err := s.tlsConfig(); err != nil {
		report("ca", "name a file of certificates in PEM: "+err.Error())
	}
	switch {
	case (s.Username != "") != s.Password.IsSet():
		report("username", "set both username and password, or neither")
	case s.Username != "" && s.TLS == NoTLS && !loopback(s.Host):
		report("tls", "choose starttls or tls: the password would be sent in clear")
	}
	if s.Timeout < time.Second || s.Timeout > 30*time.Second {
		report("timeout", "set 1s to 30s")
	}
}

func (l Limits) validate(report func(key, problem string)) {
	for key, every := range map[string]time.Duration{"address_every": l.AddressEvery, "client_every": l.ClientEvery} {
		if every < 0 || every > 24*time.Hour {
			report(key, "set at most 24h, or 0 for no limit")
		}
	}
	if l.ClientBurst < 1 || l.ClientBurst > 10000 {
		report("client_burst", "set 1 to 10000")
	}
}

// baseURL parses what links begin with.
func baseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "" || base.Opaque != "":
		return nil, errors.New("write where users reach the pages, such as https://accounts.acme.example")
	case base.Scheme != "https" && (base.Scheme != "http" || !loopback(base.Hostname())):
		return nil, errors.New("begin with https://: whoever reads a link on its way can use it")
	}
	return base, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// sender parses the address that mails come from.
func sender(text string) (*mail.Address, error) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return nil, core.Invalid
	}
	return mail.ParseAddress(text)
}

// tlsConfig returns what the server has to prove.
func (s SMTP) tlsConfig() (*tls.Config, error) {
	roots, err := adapters.Roots(s.CA)
	if err != nil {
		return nil, err
	}
	return &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, RootCAs: roots}, nil
}
