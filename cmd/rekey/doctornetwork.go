package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"time"

	"rekey/adapters/bearer"
	"rekey/adapters/mail"
)

// How far clocks may be apart: tokens allow for 30 s as a rule, LicenseSpring's
// signed dates for minutes, and Date tells whole seconds.
const (
	skewWarning = 3 * time.Second
	skewProblem = 30 * time.Second
)

// lookAtClock compares this clock with the database's and with those of issuers.
func lookAtClock(ctx context.Context, p *patient) []finding {
	var found []finding
	if p.err == nil && !p.facts.Now.IsZero() {
		found = append(found, judgeSkew("the database", p.asked.Sub(p.facts.Now)))
	}
	for _, address := range p.addresses() {
		at, err := dateAt(ctx, address)
		if err == nil {
			found = append(found, judgeSkew(address, time.Since(at)))
		}
	}
	if len(found) == 0 {
		return one(warning, "there is no other clock to compare with", "see that this machine keeps its time by NTP: signed dates and tokens depend on it")
	}
	return found
}

func judgeSkew(whose string, skew time.Duration) finding {
	f := finding{Status: fine, Means: fmt.Sprintf("%s and this machine agree within %s", whose, skew.Abs().Round(time.Second/10))}
	if skew.Abs() > skewWarning {
		f.Status, f.Means = warning, fmt.Sprintf("this clock and that of %s are %s apart", whose, skew.Abs().Round(time.Second/10))
		f.Do = "let both machines keep their time by NTP"
	}
	if skew.Abs() > skewProblem {
		f.Status = trouble
		f.Means += ": signed dates and tokens are refused, or taken for too long"
	}
	return f
}

// dateAt returns the Date of whoever answers at the address.
func dateAt(ctx context.Context, address string) (time.Time, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return time.Time{}, err
	}
	client := http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = response.Body.Close() }()
	return http.ParseTime(response.Header.Get("Date"))
}

// publisher is an issuer that publishes its keys.
type publisher struct{ key, address, algorithm string }

func (p *patient) publishers() (all []publisher) {
	a := p.cfg.Adapters
	if a.LicenseSpring.Enabled {
		for name, c := range a.LicenseSpring.Companies {
			all = append(all, publisher{"adapters.licensespring.companies." + name + ".oauth.jwks_url", c.OAuth.JWKSURL, c.OAuth.Algorithm})
		}
	}
	if a.ZAP.Enabled {
		for name, i := range a.ZAP.Issuers {
			all = append(all, publisher{"adapters.zap.issuers." + name + ".jwks_url", i.JWKSURL, i.Algorithm})
		}
	}
	return all
}

// addresses returns those that keys are published at, each once.
func (p *patient) addresses() (all []string) {
	seen := map[string]bool{"": true}
	for _, published := range p.publishers() {
		if !seen[published.address] {
			seen[published.address] = true
			all = append(all, published.address)
		}
	}
	return all
}

func lookAtIssuers(ctx context.Context, p *patient) []finding {
	var found []finding
	for _, i := range p.publishers() {
		if i.address == "" {
			continue
		}
		n, err := bearer.Reach(ctx, i.address, i.algorithm)
		switch {
		case err != nil:
			found = append(found, one(trouble, fmt.Sprintf("%s: keys cannot be fetched: %v; its tokens are answered 503", i.key, err), "see the address, the name and the way there")...)
		case n == 0:
			found = append(found, one(trouble, fmt.Sprintf("%s: no key is published that verifies %s; its tokens are refused", i.key, i.algorithm), "see which algorithm its keys are for; they need a kid")...)
		default:
			found = append(found, ok("%s: %d keys verify %s", i.key, n, i.algorithm)...)
		}
	}
	if len(found) == 0 {
		return ok("no issuer's keys are fetched")
	}
	return found
}

func lookAtMail(ctx context.Context, p *patient) []finding {
	if !p.cfg.Mail.Enabled {
		return ok("off: nobody gets a reset link, a code or a notice")
	}
	if err := mail.Reach(ctx, p.cfg.Mail); err != nil {
		return one(trouble, "the server does not take mail: "+advice(err), "see mail.smtp: host, port, tls, ca, username and password; mails wait meanwhile")
	}
	return ok("%s is reached by %s, and signed in to where that is configured", p.cfg.Mail.SMTP.Host, p.cfg.Mail.SMTP.TLS)
}

const (
	expiryProblem = 3 * 24 * time.Hour
	expiryWarning = 21 * 24 * time.Hour
)

func lookAtCertificate(_ context.Context, p *patient) []finding {
	pair, err := loadCertificate(p.cfg.Server.TLS)
	switch {
	case err != nil:
		return one(trouble, advice(err), "name a certificate and its key, in PEM, that belong together")
	case pair == nil:
		return ok("none: TLS must end in a proxy before it")
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return one(trouble, "the certificate cannot be read", "name one in PEM")
	}
	now, until := time.Now(), leaf.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case now.After(leaf.NotAfter):
		return one(trouble, "the certificate has expired, on "+until, "renew it, then `rekey reload`")
	case now.Before(leaf.NotBefore):
		return one(trouble, "the certificate is not valid yet, or this clock is wrong", "see its dates and the clock")
	case now.Add(expiryProblem).After(leaf.NotAfter):
		return one(trouble, "the certificate expires within three days, on "+until, "renew it, then `rekey reload`")
	case now.Add(expiryWarning).After(leaf.NotAfter):
		return one(warning, "the certificate expires on "+until, "renew it, then `rekey reload`")
	}
	return ok("valid until %s", until)
}

func lookAtProxies(_ context.Context, p *patient) []finding {
	for _, prefix := range p.cfg.Server.TrustedProxies {
		if prefix.Bits() == 0 {
			return one(trouble, prefix.String()+" is everybody: any client can claim any address, and escape its limits", "name the proxies' own networks in server.trusted_proxies")
		}
	}
	switch secure := p.cfg.Server.TLS.Certificate != ""; {
	case len(p.cfg.Server.TrustedProxies) > 0:
		return ok("X-Forwarded-For is believed of %v", p.cfg.Server.TrustedProxies)
	case secure:
		return ok("none: the client's address is the connection's")
	}
	return one(warning, "TLS ends elsewhere and no proxy is trusted: all clients share the proxy's address, and its limits", "name the proxy's network in server.trusted_proxies")
}
