// Package mail writes to the owners of accounts: a link to reset a password, a
// one-time code, and the notices that a password was changed and that guesses at
// it were stopped. It does what the messages of the core's outbox ask for, and
// makes each secret when it is mailed.
package mail

import (
	"context"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"

	"rekey/core"
)

// Mailer does the messages whose topics ask for mail. It is safe for
// concurrent use.
type Mailer struct {
	passwords *core.Service
	server    server
	forms     map[kind]form
	from      *mail.Address
	base      *url.URL
	common    Common
}

// New returns a mailer. The configuration has been validated; what became of
// its files since then may still be an error.
func New(c Config, passwords *core.Service) (*Mailer, error) {
	base, err := baseURL(c.BaseURL)
	if err != nil {
		return nil, invalid("mail.base_url", err)
	}
	from, err := sender(c.From)
	if err != nil {
		return nil, invalid("mail.from", err)
	}
	forms, problems := parseTemplates(c.Templates, c.product(base))
	if len(problems) > 0 {
		return nil, invalid("mail.templates", problem(problems[0]))
	}
	config, err := c.SMTP.tlsConfig()
	if err != nil {
		return nil, invalid("mail.smtp.ca", err)
	}
	return &Mailer{
		passwords: passwords, server: server{c.SMTP, config}, forms: forms, from: from, base: base,
		common: Common{Product: c.product(base), BaseURL: strings.TrimSuffix(base.String(), "/")},
	}, nil
}

type problem string

func (p problem) Error() string { return string(p) }

func invalid(key string, err error) error {
	return &core.Error{Code: core.Invalid, Fields: []string{key}, Err: err}
}

// Handlers returns what does the messages, by topic.
func (m *Mailer) Handlers() map[core.Topic]core.Handler {
	return map[core.Topic]core.Handler{
		core.MailResetLink:     m.resetLink,
		core.MailOneTimeCode:   m.oneTimeCode,
		core.MailChangedNotice: m.changedNotice,
		core.MailLockedNotice:  m.lockedNotice,
	}
}

func (m *Mailer) resetLink(ctx context.Context, about core.Message) error {
	return m.mail(ctx, about, reset, func(common Common) (any, error) {
		token, known, err := m.passwords.IssueToken(ctx, about.Tenant, core.Locator{ID: about.Account}, "mail", origin(about))
		if err != nil {
			return nil, err
		}
		link := common.BaseURL + "/reset-password?token=" + url.QueryEscape(token.Reveal())
		return Reset{common, link, known.ExpiresAt.UTC()}, nil
	})
}

func (m *Mailer) oneTimeCode(ctx context.Context, about core.Message) error {
	return m.mail(ctx, about, code, func(common Common) (any, error) {
		secret, expires, err := m.passwords.IssueCode(ctx, about)
		if err != nil {
			return nil, err
		}
		return Code{common, secret.Reveal(), expires.UTC()}, nil
	})
}

func (m *Mailer) changedNotice(ctx context.Context, about core.Message) error {
	return m.notice(ctx, about, changed)
}

func (m *Mailer) lockedNotice(ctx context.Context, about core.Message) error {
	return m.notice(ctx, about, locked)
}

// notice tells what has happened: when, through which dialect, and from where.
func (m *Mailer) notice(ctx context.Context, about core.Message, k kind) error {
	return m.mail(ctx, about, k, func(common Common) (any, error) {
		at, err := time.Parse(time.RFC3339, about.Facts["at"])
		if err != nil {
			return nil, core.Invalid
		}
		return Notice{common, at.UTC(), about.Facts["dialect"], about.Facts["addr"]}, nil
	})
}

// mail writes to the owner of the message's account. data is asked for once
// the server listens: while it is down, no secrets are made that supersede
// each other.
func (m *Mailer) mail(ctx context.Context, about core.Message, k kind, data func(Common) (any, error)) error {
	account, err := m.passwords.Addressee(ctx, about)
	switch {
	case core.CodeOf(err) == core.NotFound:
		return nil // there is nobody to write to
	case err != nil:
		return err
	}
	to, err := recipient(account.Email)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	connection, err := m.server.connect(ctx, to)
	if err != nil {
		return err
	}
	defer connection.close()
	common := m.common
	common.Name = oneLine(account.Name)
	filled, err := data(common)
	if err != nil {
		return err
	}
	letter, err := m.forms[k].write(filled)
	if err != nil {
		return err
	}
	return connection.send(m.envelope(about, k, to, letter))
}

// recipient returns the account's address if mail can go to it and nowhere
// else: "Eve <eve@evil.example>" is no address, and neither is a list of two.
func recipient(email string) (*mail.Address, error) {
	to, err := mail.ParseAddress(email)
	if err != nil || (&mail.Address{Address: to.Address}).String() != "<"+email+">" {
		return nil, &core.Error{Code: core.Invalid, Fields: []string{"email"}}
	}
	return to, nil
}

// origin returns where the message's cause came from.
func origin(about core.Message) core.Origin {
	addr, _ := netip.ParseAddr(about.Facts["addr"])
	return core.Origin{Dialect: about.Facts["dialect"], Addr: addr}
}

// maxName bounds a display name in a mail, in code points.
const maxName = 80

// oneLine takes out of a name what could end a line or turn one around.
func oneLine(name string) string {
	clean := []rune(strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "")))
	return string(clean[:min(len(clean), maxName)])
}
