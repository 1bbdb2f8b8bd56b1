package rig

import (
	"context"
	"errors"

	"rekey/core"
)

// counts are what an account has.
type counts struct{ changed, notices, used, live int }

// tallies are one query for each count, over all accounts at once.
var tallies = []struct {
	query string
	into  func(*counts) *int
}{
	{"SELECT account_id, count(*) FROM events WHERE action = 'password.changed' GROUP BY account_id", func(c *counts) *int { return &c.changed }},
	{"SELECT account_id, count(*) FROM outbox WHERE topic = 'mail.password_changed' GROUP BY account_id", func(c *counts) *int { return &c.notices }},
	{"SELECT account_id, count(*) FROM reset_tokens WHERE used_at IS NOT NULL GROUP BY account_id", func(c *counts) *int { return &c.used }},
	{"SELECT account_id, count(*) FROM reset_tokens WHERE used_at IS NULL AND superseded_at IS NULL GROUP BY account_id", func(c *counts) *int { return &c.live }},
}

// count returns what every account has.
func (d *Directory) count(ctx context.Context) (map[core.AccountID]counts, error) {
	all := map[core.AccountID]counts{}
	for _, t := range tallies {
		err := d.each(ctx, t.query, func(id core.AccountID, n int) {
			c := all[id]
			*t.into(&c) = n
			all[id] = c
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// each reads the rows of a query for numbers of accounts.
func (d *Directory) each(ctx context.Context, query string, row func(id core.AccountID, n int)) error {
	rows, err := d.SQL.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id core.AccountID
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return err
		}
		row(id, n)
	}
	return errors.Join(rows.Err(), rows.Close())
}
