package failover

import (
	"context"
	"errors"

	"rekey/cmd/prove/rig"
)

// conclude inspects everything, and enters what the counters tell.
func (c *campaign) conclude(ctx context.Context) error {
	f := c.figures
	all := func(i *rig.Inspection, l *rig.Ledger) (rig.Finding, error) { return i.All(ctx, l) }
	if err := c.inspect(ctx, f, all); err != nil {
		return err
	}
	cut, err := c.balancer.cut()
	if err != nil {
		return err
	}
	if f.AddressesBroken, err = c.strangers(ctx); err != nil {
		return err
	}
	f.Cut, f.Answers, f.LongestGap = cut, c.load.seen, seconds(c.load.longest)
	f.enter(c.load.violations...)
	f.judge()
	return f.broken()
}

// strangers counts the events of changes that came from another address than
// the clients'.
func (c *campaign) strangers(ctx context.Context) (n int, err error) {
	d, err := c.installation.Open(ctx)
	if err != nil {
		return 0, err
	}
	const query = "SELECT count(*) FROM events WHERE action = 'password.changed' AND addr <> $1"
	err = d.SQL.QueryRowContext(ctx, query, clientsAddress).Scan(&n)
	return n, errors.Join(err, d.Close())
}
