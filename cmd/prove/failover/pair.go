package failover

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"rekey/store/pgtest/cluster"
)

// pair is a PostgreSQL primary with a synchronous standby: what is
// acknowledged is on both disks.
type pair struct {
	primary, standby *member
	both             []*member // as the DSN lists them
}

// member is one server of the pair, whatever its part is.
type member struct {
	*cluster.Cluster
	name string // under which it follows the other
}

const database = "rekey"

var durable = cluster.Options{Durable: true, TCP: true}

func newPair(ctx context.Context) (*pair, error) {
	first, err := cluster.New(durable)
	if err != nil {
		return nil, err
	}
	p := &pair{primary: &member{first, "east"}}
	p.both = []*member{p.primary}
	if err := first.Create(database); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	second, err := first.Standby("west", durable)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.standby = &member{second, "west"}
	p.both = append(p.both, p.standby)
	if err := p.synchronize(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Close removes both.
func (p *pair) Close() (err error) {
	for _, m := range p.both {
		err = errors.Join(err, m.Remove())
	}
	return err
}

// DSN leads to whichever is the primary.
func (p *pair) DSN() string {
	u := url.URL{
		Scheme: "postgres", User: url.User("rekey"), Host: p.both[0].Address() + "," + p.both[1].Address(),
		Path: "/" + database, RawQuery: "target_session_attrs=read-write",
	}
	return u.String()
}

// ways are how a primary ends: all of its processes at one instant, those that
// serve at once and its first one in what order it has left, or cut off from
// its standby first. What commits after that waits for the standby, in vain, and
// is lost with its answer.
var ways = []struct {
	says string
	end  func(*pair) error
}{
	{"SIGKILL", func(p *pair) error { return p.primary.Kill() }},
	{"immediate shutdown", func(p *pair) error { return p.primary.Stop(syscall.SIGQUIT) }},
	{"loss of the standby, then SIGKILL", func(p *pair) error {
		err := p.cut()
		time.Sleep(500 * time.Millisecond)
		return errors.Join(err, p.primary.Kill())
	}},
}

// cut takes the standby's way to the primary.
func (p *pair) cut() error {
	return errors.Join(
		p.standby.Execute(database, "ALTER SYSTEM SET primary_conninfo = 'host=/nowhere'"),
		p.standby.Execute(database, "SELECT pg_reload_conf()"))
}

// end ends the primary.
func (p *pair) end(random *rand.Rand) (way string, err error) {
	chosen := ways[random.IntN(len(ways))]
	return chosen.says, chosen.end(p)
}

// promote promotes the standby. What commits from then on is on one disk,
// until [pair.rebuild].
func (p *pair) promote() error {
	p.primary, p.standby = p.standby, p.primary
	return p.primary.Promote()
}

// rebuild makes the server that was the primary a standby of the new one, and
// waits until every commit waits for it again.
func (p *pair) rebuild(ctx context.Context) error {
	if err := p.standby.Follow(p.primary.Cluster, p.standby.name, durable); err != nil {
		return fmt.Errorf("rebuild the former primary: %w", err)
	}
	return p.synchronize(ctx)
}

// synchronize makes the primary wait for its standby, and returns when it
// does. A new connection that sees the setting was forked after every older
// process was told of it. Of these the checkpointer turns waiting on, and it
// looks at its settings before it begins the checkpoint that is asked for.
func (p *pair) synchronize(ctx context.Context) error {
	for _, statement := range []string{"ALTER SYSTEM SET synchronous_standby_names = '" + p.standby.name + "'", "SELECT pg_reload_conf()"} {
		if err := p.primary.Execute(database, statement); err != nil {
			return err
		}
	}
	const follows = `SELECT count(*) = 1 FROM pg_stat_replication
		WHERE sync_state = 'sync' AND state = 'streaming' AND current_setting('synchronous_standby_names') = application_name`
	if err := await(ctx, p.primary.URL(database, nil), follows); err != nil {
		return fmt.Errorf("the standby does not follow: %w", err)
	}
	return p.primary.Execute(database, "CHECKPOINT")
}

// await asks the question of new connections until the answer is yes.
func await(ctx context.Context, dsn, question string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	for {
		yes, err := ask(ctx, dsn, question, args...)
		if err == nil && yes {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ask(ctx context.Context, dsn, question string, args ...any) (yes bool, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return false, err
	}
	err = conn.QueryRow(ctx, question, args...).Scan(&yes)
	return yes, errors.Join(err, conn.Close(ctx))
}
