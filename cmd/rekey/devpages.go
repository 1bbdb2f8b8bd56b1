package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"rekey/core"
)

// printMail lets what would be mailed be printed, unless a server takes mail: the page
// that promises a link is not to promise in vain.
func (i *installation) printMail(out io.Writer) error {
	if !i.cfg.Pages.Enabled {
		return nil
	}
	i.desk = &desk{out: out}
	return i.compose(i.pool)
}

// desk is where several write, one after another.
type desk struct {
	sync.Mutex
	out io.Writer
}

// Write implements [io.Writer].
func (d *desk) Write(text []byte) (int, error) {
	d.Lock()
	defer d.Unlock()
	return d.out.Write(text)
}

// deskHandlers print what a mail would tell. The secret is made as for a mail.
func (i *installation) deskHandlers() map[core.Topic]core.Handler {
	return map[core.Topic]core.Handler{
		core.MailResetLink: func(ctx context.Context, m core.Message) error {
			return i.atDesk(ctx, m, func(a core.Account) (string, error) {
				token, _, err := i.passwords.IssueToken(ctx, m.Tenant, core.Locator{ID: a.ID}, "mail", core.Origin{Dialect: m.Facts["dialect"]})
				return "choose a new password at " + linkTo(i.cfg.Pages.BaseURL, token), err
			})
		},
		core.MailOneTimeCode: func(ctx context.Context, m core.Message) error {
			return i.atDesk(ctx, m, func(core.Account) (string, error) {
				code, _, err := i.passwords.IssueCode(ctx, m)
				return "your code is " + code.Reveal(), err
			})
		},
	}
}

// atDesk prints a mail to the owner of the message's account, if there is one.
func (i *installation) atDesk(ctx context.Context, m core.Message, write func(core.Account) (string, error)) error {
	account, err := i.passwords.Addressee(ctx, m)
	switch {
	case core.CodeOf(err) == core.NotFound:
		return nil
	case err != nil:
		return err
	}
	text, err := write(account)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(i.desk, "\nmail to %q: %s\n\n", account.Email, text)
	return err
}

func linkTo(base string, token core.Token) string {
	return strings.TrimSuffix(base, "/") + "/reset-password?token=" + url.QueryEscape(token.Reveal())
}

// introducePages prints where a user would look: a link that resets the password of
// an account that no command names, and where one asks for such a link.
func (d devFacts) introducePages(out io.Writer) {
	if d.ResetURL == "" {
		return
	}
	say(out, "Pages for users: the first resets %s's password, the second asks for a link, as for %s, that is printed here instead of mailed.\n\n  %s\n  %s\n",
		d.samples[len(d.samples)-1].Email, d.samples[0].Email, d.ResetURL, d.BaseURL+"/forgot-password")
}
