package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

// Crowd is people who never were, numbered from 0: a directory of any size, to
// measure in. Each has an e-mail address, an external id, [CrowdHistory] entries
// of history, as many events, every second what is kept of failed attempts,
// every fourth a spent token, every hundredth a buried message and a limit.
type Crowd struct {
	Model    core.Account // whose tenant, verifier, salt and newest history entry all have
	External string       // the kind of their external ids
	At       time.Time    // when they changed their password last
}

// CrowdHistory is how many passwords each of a [Crowd] has had.
const CrowdHistory = 5

// crowdDomain is where the crowd's e-mail addresses are.
const crowdDomain = "@crowd.example"

// CrowdEmail returns the address of the n-th of a crowd.
func CrowdEmail(n int) string { return fmt.Sprintf("c%08d", n) + crowdDomain }

// CrowdSize returns how many of a crowd the tenant has, and how many accounts
// there are. It reads every account.
func CrowdSize(ctx context.Context, db *DB, tenant core.TenantID) (crowd, all int, err error) {
	err = db.read.WithContext(ctx).Raw(`
		SELECT count(*) AS accounts, count(CASE WHEN tenant = ? AND email LIKE ? THEN 1 END) AS crowd FROM accounts`,
		tenant, "%"+crowdDomain).Row().Scan(&all, &crowd)
	return crowd, all, classify(ctx, err)
}

// AddCrowd adds those of the crowd whose numbers are from first to before end,
// in one transaction. It is the database that makes them: about 20 µs each.
func AddCrowd(ctx context.Context, db *DB, c Crowd, first, end int) error {
	newest := ""
	if len(c.Model.History) > 0 {
		newest = c.Model.History[0].Hash
	}
	values := map[string]any{
		"first": first, "end": end, "tenant": string(c.Model.Tenant), "domain": crowdDomain, "external": c.External,
		"verifier": c.Model.Verifier, "salt": bytes(c.Model.HistorySalt), "hash": newest, "at": c.At.UTC().Truncate(time.Second),
		"micros": c.At.UnixMicro(), "seconds": c.At.Unix(),
	}
	return db.transact(ctx, func(tx *gorm.DB) error {
		if trust := db.dialect.trust; trust != "" {
			if err := tx.Exec(trust).Error; err != nil {
				return err
			}
		}
		for _, statement := range crowdStatements {
			if err := tx.Exec(db.dialect.crowd.Replace(statement), values).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// bytes is one value to gorm, which takes a slice for many.
type bytes []byte

// Value implements [driver.Valuer].
func (b bytes) Value() (driver.Value, error) { return []byte(b), nil }

// SettleCrowd does what the database itself does in time: count what is where,
// and put it in its place.
func SettleCrowd(ctx context.Context, db *DB) error {
	return classify(ctx, db.write.WithContext(ctx).Exec(db.dialect.settle).Error)
}

// crowdStatements make a crowd. {people} are the numbers n, {times} the numbers k
// from 1 to CrowdHistory. Their events are spread over the month before, {ago} seconds
// each, and their ids carry their time, as those of the program do: so they lie on the
// disk, and are found by their time.
var crowdStatements = []string{
	`INSERT INTO accounts (id, tenant, username, email, name, attributes, disabled, verifier, history_salt, revision,
		password_changed_at, tokens_valid_after, created_at)
	SELECT {id}, @tenant, '', {id} || @domain, '', '{}', false, @verifier, {salt}, 5, {now}, {now}, {first}
	FROM {people} ORDER BY n`,

	`INSERT INTO identifiers (tenant, kind, value, account_id)
	SELECT @tenant, 'login', {id} || @domain, {id} FROM {people} ORDER BY n`,

	`INSERT INTO identifiers (tenant, kind, value, account_id)
	SELECT @tenant, @external, {external}, {id} FROM {people} ORDER BY n`,

	`INSERT INTO history (tenant, account_id, position, hash, set_at)
	SELECT @tenant, {id}, k, @hash, {then} FROM {people} CROSS JOIN {times} ORDER BY n, k`,

	`INSERT INTO events (tenant, id, at, account_id, action, proof, outcome, actor, dialect, addr, request_id)
	SELECT @tenant, {event}, {when}, {id}, 'password.changed', 'knowledge', '', '', 'licensespring', '192.0.2.1', {id} || '-' || k
	FROM {people} CROSS JOIN {times} ORDER BY n, k`,

	`INSERT INTO reset_tokens (digest, tenant, account_id, issued_by, issued_at, expires_at, used_at)
	SELECT {digest}, @tenant, {id}, 'crowd', {yesterday}, {now}, {yesterday} FROM {people} WHERE n % 4 = 0`,

	`INSERT INTO attempts (account, client, failures, last, proven)
	SELECT {name}, '', 0, {micros}, {micros} FROM {people} WHERE n % 2 = 0`,

	`INSERT INTO attempts (account, client, failures, last, proven)
	SELECT {name}, '192.0.2.1', 0, {micros}, {micros} FROM {people} WHERE n % 2 = 0`,

	`INSERT INTO outbox (id, tenant, account_id, topic, facts, due, attempts, why, buried_at)
	SELECT {id}, @tenant, {id}, 'mail.changed_notice', '{}', {yesterday}, 9, '550', {yesterday} FROM {people} WHERE n % 100 = 0 ORDER BY n`,

	`INSERT INTO throttle (key, free)
	SELECT 'attempts/client/' || {name}, {micros} FROM {people} WHERE n % 100 = 0`,
}

const fewTimes = "(SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5) AS times"

// ago is how long before its last day the event of the n-th was, and whenMillis when
// that is.
const (
	ago        = "2 * (999999 - n % 1000000)"
	whenMillis = "(CAST(@seconds AS bigint) - (5 - k) * 2592000 - " + ago + ") * 1000"
)

// postgresCrowd says in PostgreSQL's words what crowdStatements leave open.
var postgresCrowd = strings.NewReplacer(
	"{people}", "generate_series(CAST(@first AS bigint), CAST(@end AS bigint) - 1) AS people(n)",
	"{times}", fewTimes,
	"{id}", "'c' || lpad(CAST(n AS text), 8, '0')",
	"{external}", "lpad(CAST(n AS text), 24, '0')",
	"{salt}", "CAST(@salt AS bytea)",
	"{micros}", "CAST(@micros AS bigint)",
	"{now}", "CAST(@at AS timestamptz)",
	"{yesterday}", "CAST(@at AS timestamptz) - interval '1 day'",
	"{then}", "CAST(@at AS timestamptz) - (5 - k) * interval '30 days'",
	"{first}", "CAST(@at AS timestamptz) - 4 * interval '30 days'",
	"{when}", "CAST(@at AS timestamptz) - (5 - k) * interval '30 days' - "+ago+" * interval '1 second'",
	"{event}", "lpad(to_hex(("+whenMillis+") >> 16), 8, '0') || '-' || lpad(to_hex(("+whenMillis+") & 65535), 4, '0') || "+
		"'-7' || lpad(CAST(k AS text), 3, '0') || '-8000-' || lpad(CAST(n AS text), 12, '0')",
	"{digest}", "sha256(convert_to('crowd' || n, 'UTF8'))",
	"{name}", "md5('crowd' || n)",
)

const sqliteTime = "strftime('%Y-%m-%d %H:%M:%S+00:00', @at"

// sqliteCrowd says the same in SQLite's.
var sqliteCrowd = strings.NewReplacer(
	"{people}", "(WITH RECURSIVE count(n) AS (SELECT @first UNION ALL SELECT n + 1 FROM count WHERE n + 1 < @end) SELECT n FROM count) AS people",
	"{times}", fewTimes,
	"{id}", "printf('c%08d', n)",
	"{external}", "printf('%024d', n)",
	"{salt}", "@salt",
	"{micros}", "@micros",
	"{now}", sqliteTime+")",
	"{yesterday}", sqliteTime+", '-1 day')",
	"{then}", sqliteTime+", (30 * k - 150) || ' days')",
	"{first}", sqliteTime+", '-120 days')",
	"{when}", sqliteTime+", (30 * k - 150) || ' days', (-("+ago+")) || ' seconds')",
	"{event}", "printf('%08x-%04x-7%03d-8000-%012d', ("+whenMillis+") >> 16, ("+whenMillis+") & 65535, k, n)",
	"{digest}", "randomblob(32)",
	"{name}", "printf('%08x%024x', (n * 2654435761) & 4294967295, n)", // scattered, as digests are
)
