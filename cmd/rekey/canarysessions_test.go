package main

import (
	"context"
	"encoding/base64"
	"net/netip"
	"strings"

	"rekey/config"
	"rekey/config/secret"
	"rekey/core"
)

// signIn does what an operator's browser makes the console do with sessions, well and
// badly, over the same database and into the same log. Nothing of it may be readable
// anywhere.
func (c *campaign) signIn() {
	key := c.session("the key of a session", strings.TrimSpace(c.command("key add", "", true, "key", "add", "-t", "acme", "desk",
		"--scope", strings.Join(scopeNames(), ","))), "key add")
	cfg := config.Default()
	cfg.Store.DSN, cfg.Log.Level = secret.New(c.base.dsn), "debug"
	log := &buffer{}
	i, err := install(context.Background(), cfg, log)
	noError(c.t, err)
	defer func() { noError(c.t, i.Close()) }()
	ctx, o := c.t.Context(), core.Origin{Dialect: "console", Addr: netip.MustParseAddr("127.0.0.1"), RequestID: "canary"}
	for n := range 2 {
		token, _, err := i.passwords.SignIn(ctx, key, o)
		noError(c.t, err)
		c.session("a session's token", token.Reveal())
		if _, _, err := i.passwords.Confirm(ctx, token, token, o); core.CodeOf(err) != core.WrongPassword {
			c.t.Errorf("a token confirms: %v", err)
		}
		if _, _, err = i.passwords.SignIn(ctx, token, o); core.CodeOf(err) != core.Unauthenticated {
			c.t.Errorf("a token signs in: %v", err)
		}
		token, _, err = i.passwords.Confirm(ctx, token, key, o)
		noError(c.t, err)
		c.session("a confirmed session's token", token.Reveal())
		if got, _, err := i.passwords.Resume(ctx, token); err != nil || got.Reveal() != key.Reveal() {
			c.t.Errorf("the session has another key: %v", err)
		}
		if n == 0 {
			noError(c.t, i.passwords.SignOut(ctx, token, o))
		}
	}
	c.keep("the log", []byte(log.String()))
}

// session plants a secret of a session, as text and as the bytes that it stands for.
func (c *campaign) session(name, text string, places ...string) core.Secret {
	if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text, "rekey_")); err != nil || len(raw) != 32 {
		c.t.Errorf("%s is no 32 bytes in base64: %v", name, err)
	} else {
		c.h.plant(name+", raw", string(raw), places...)
	}
	return core.NewSecret(c.h.plant(name, text, places...))
}
