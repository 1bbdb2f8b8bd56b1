package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

var _ core.Attempts = (*DB)(nil)

// maxReserveTries bounds how often a reservation starts over because another
// one came first. Each of those has taken one of the few that the rules allow,
// so it is reached only where failures are taken back as fast as they come.
const maxReserveTries = 100

// Reserve implements [core.Attempts]. It asks before it writes, so that one
// who must wait costs the database a read. The write is guarded by what was
// read, as a change is by the account's revision.
func (db *DB) Reserve(
	ctx context.Context, now time.Time, c core.Claim, rules core.AttemptRules, limits ...core.Limit,
) (core.Reservation, error) {
	now = micro(now)
	for range maxReserveTries {
		kept, err := db.asked(ctx, c, limits)
		if err != nil {
			return core.Reservation{}, err
		}
		wait := kept.wait(now, limits)
		if c.Account == "" {
			return core.Reservation{Wait: wait}, nil
		}
		if wait = max(wait, rules.Wait(now, kept.account, kept.pair)); wait > 0 {
			return core.Reservation{Wait: wait}, nil
		}
		account, pair := kept.account.With(kept.pair, now)
		first, err := db.count(ctx, c, kept.account, account, pair)
		if err != nil {
			return core.Reservation{}, err
		}
		if first {
			return core.Reservation{Failures: account.Failures}, nil
		}
	}
	return core.Reservation{}, &core.Error{Code: core.Unavailable, Err: errors.New("too many attempts at once")}
}

// kept is what is remembered of a claim and of limits.
type kept struct {
	account, pair core.Tally
	free          map[string]int64 // by the limits' keys
}

// wait returns how long it is until all limits allow one more.
func (k kept) wait(now time.Time, limits []core.Limit) (wait time.Duration) {
	for _, l := range limits {
		_, ahead := pace(l)
		wait = max(wait, time.Duration(k.free[l.Key]-ahead-now.UnixMicro())*time.Microsecond)
	}
	return wait
}

// asked reads all that a reservation depends on, at one instant.
func (db *DB) asked(ctx context.Context, c core.Claim, limits []core.Limit) (kept, error) {
	keys := []string{""}
	for _, l := range limits {
		keys = append(keys, l.Key)
	}
	var rows []struct {
		Attempt attemptRow `gorm:"embedded"`
		Free    int64
	}
	err := db.read.WithContext(ctx).Raw(`
		SELECT account, client, failures, last, proven, CAST(0 AS bigint) AS free FROM attempts WHERE account = ? AND client IN ('', ?)
		UNION ALL SELECT '', key, 0, 0, 0, free FROM throttle WHERE key IN ?`, c.Account, c.Client, keys).Scan(&rows).Error
	if err != nil {
		return kept{}, classify(ctx, err)
	}
	k := kept{free: map[string]int64{}}
	for _, row := range rows {
		switch {
		case row.Attempt.Account == "":
			k.free[row.Attempt.Client] = row.Free
		case row.Attempt.Client == "":
			k.account = row.Attempt.tally()
		default:
			k.pair = row.Attempt.tally()
		}
	}
	return k, nil
}

// count stores both tallies of the claim if the account's is still the one that
// was read; whoever holds its row decides about the pairs', too.
func (db *DB) count(ctx context.Context, c core.Claim, read, account, pair core.Tally) (first bool, err error) {
	own, with := attemptRowOf(c.Account, "", account), attemptRowOf(c.Account, c.Client, pair)
	values := map[string]any{
		"account": own.Account, "failures": own.Failures, "last": own.Last, "proven": own.Proven,
		"wasFailures": read.Failures, "wasLast": instant(read.Last),
		"client": with.Client, "pairFailures": with.Failures, "pairLast": with.Last, "pairProven": with.Proven,
	}
	if db.dialect.foldsWrites && c.Client != "" {
		err = db.persist(ctx, func(g *gorm.DB) error {
			r := g.Exec("WITH held AS ("+countAccount+" RETURNING account) "+countPair, values)
			first = r.RowsAffected == 1
			return r.Error
		})
		return first && err == nil, err
	}
	err = db.transact(ctx, func(tx *gorm.DB) error {
		r := tx.Exec(countAccount, values)
		if first = r.RowsAffected == 1; r.Error != nil || !first {
			return r.Error
		}
		return putAttempts(tx, with)
	})
	return first && err == nil, err
}

const (
	countAccount = `
		INSERT INTO attempts (account, client, failures, last, proven) VALUES (@account, '', @failures, @last, @proven)
		ON CONFLICT (account, client) DO UPDATE SET failures = excluded.failures, last = excluded.last
		WHERE attempts.failures = @wasFailures AND attempts.last = @wasLast AND attempts.proven = @proven`

	// countPair is for whoever holds the account's row.
	countPair = `
		INSERT INTO attempts (account, client, failures, last, proven)
		SELECT account, CAST(@client AS text), CAST(@pairFailures AS integer), CAST(@pairLast AS bigint), CAST(@pairProven AS bigint) FROM held
		ON CONFLICT (account, client) DO UPDATE SET failures = excluded.failures, last = excluded.last, proven = excluded.proven`
)

// Release implements [core.Attempts].
func (db *DB) Release(ctx context.Context, c core.Claim) error {
	return db.transact(ctx, func(tx *gorm.DB) error {
		for _, client := range []string{"", c.Client} { // the account's row first, as everywhere
			err := later(tx, nil).Model(&attemptRow{}).Where("account = ? AND client = ? AND failures > 0", c.Account, client).
				Update("failures", gorm.Expr("failures - 1")).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Settle implements [core.Attempts].
func (db *DB) Settle(ctx context.Context, s core.Settlement) error {
	return db.transact(ctx, func(tx *gorm.DB) error {
		for _, e := range s.Events {
			if err := recordEvent(later(tx, nil), e); err != nil {
				return err
			}
		}
		if err := enqueue(tx, s.Messages); err != nil {
			return err
		}
		if err := prove(tx, s.Proven); err != nil {
			return err
		}
		return exceed(tx, s.At, s.Counts)
	})
}

// prove forgets the failures of a proven account, by writing when: what the
// pairs' rows count from before is void.
func prove(tx *gorm.DB, p *core.Proven) error {
	if p == nil {
		return nil
	}
	err := later(tx, nil).Exec("UPDATE attempts SET failures = 0, proven = ? WHERE account IN ? AND client = ''", instant(p.At), p.Accounts).Error
	if err != nil || p.Client == "" {
		return err
	}
	known := core.Tally{Last: p.At, Proven: p.At}
	var rows []*attemptRow
	for _, account := range p.Accounts {
		rows = append(rows, attemptRowOf(account, p.Client, known))
	}
	return putAttempts(later(tx, nil), rows...)
}

func putAttempts(tx *gorm.DB, rows ...*attemptRow) error {
	var args []any
	for _, r := range rows {
		args = append(args, r.Account, r.Client, r.Failures, r.Last, r.Proven)
	}
	return tx.Exec("INSERT INTO attempts (account, client, failures, last, proven) VALUES "+
		strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?), ", len(rows)), ", ")+
		" ON CONFLICT (account, client) DO UPDATE SET failures = excluded.failures, last = excluded.last, proven = excluded.proven", args...).Error
}

// Failures implements [core.Attempts].
func (db *DB) Failures(ctx context.Context, accounts ...string) (most int, err error) {
	var counts []int
	err = db.read.WithContext(ctx).Model(&attemptRow{}).Where("account IN ? AND client = ''", accounts).Pluck("failures", &counts).Error
	for _, n := range counts {
		most = max(most, n)
	}
	return most, classify(ctx, err)
}

type attemptRow struct {
	Account  string
	Client   string
	Failures int
	Last     int64
	Proven   int64
}

func (attemptRow) TableName() string { return "attempts" }

func attemptRowOf(account, client string, t core.Tally) *attemptRow {
	return &attemptRow{account, client, t.Failures, instant(t.Last), instant(t.Proven)}
}

func (r attemptRow) tally() core.Tally {
	return core.Tally{Failures: r.Failures, Last: timeAt(r.Last), Proven: timeAt(r.Proven)}
}

// instant returns t as the column has it: microseconds since 1970, 0 for never.
func instant(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func timeAt(instant int64) time.Time {
	if instant == 0 {
		return time.Time{}
	}
	return time.UnixMicro(instant).UTC()
}
