package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"

	"rekey/core"
)

// dialect is what differs between the databases.
type dialect struct {
	schemes   []string
	connect   func(ctx context.Context, o Options) (*DB, error)
	isolation sql.IsolationLevel

	goose         goose.Dialect
	migrations    string // the folder of its migrations
	versioned     string // the query that says whether it was ever migrated
	selfMigrating bool   // one process owns the file, so Open migrates it

	insert  func(tx *gorm.DB, t table) error // many rows
	byIndex string                           // makes the transaction's plans go by an index
	named   string                           // ids of the accounts that pairs of kind and value name

	// Expressions over the column hash: what stands before its second '$', and
	// behind keyid=; "" where there is none.
	scheme, keyID string

	foldsWrites bool // whether one statement may write twice, to save a round trip

	crowd  *strings.Replacer // the words that crowdStatements leave open
	trust  string            // a statement before them, by which their references are not looked at one by one; may be ""
	settle string            // what the database would do in time once it has a crowd
	// tenantInTime is a tenant's condition where rows are wanted by their time:
	// SQLite would rather sort all that the tenant ever had.
	tenantInTime string
	// eventsOfOne is the table of events where those of one account are wanted:
	// between two ids SQLite would rather look at everybody's.
	eventsOfOne string
}

// dialects lists the databases. A function, for a variable could change.
func dialects() []dialect {
	return []dialect{{
		schemes:       []string{"sqlite:", "file:"},
		connect:       connectSQLite,
		goose:         goose.DialectSQLite3,
		migrations:    "migrations/sqlite",
		versioned:     "SELECT count(*) > 0 FROM sqlite_master WHERE name = 'goose_db_version'",
		selfMigrating: true,

		crowd:   sqliteCrowd,
		settle:  "PRAGMA wal_checkpoint(TRUNCATE)",
		insert:  list,
		byIndex: "SELECT 1", // they do
		named: "SELECT DISTINCT i.account_id FROM json_each(?) k CROSS JOIN identifiers i " +
			"ON i.tenant = ? AND i.kind = k.value->>0 AND i.value = k.value->>1",
		scheme: "substr(hash, 2, instr(substr(hash, 2), '$') - 1)",
		keyID: "CASE WHEN instr(hash, ',keyid=') = 0 THEN '' " +
			"ELSE substr(hash, instr(hash, ',keyid=') + 7, instr(substr(hash, instr(hash, ',keyid=') + 7), '$') - 1) END",
		tenantInTime: "+tenant = ?",
		eventsOfOne:  "events INDEXED BY events_account",
	}, {
		schemes:    []string{"postgres://", "postgresql://"},
		connect:    connectPostgres,
		isolation:  sql.LevelReadCommitted,
		goose:      goose.DialectPostgres,
		migrations: "migrations/postgres",
		versioned:  "SELECT to_regclass('goose_db_version') IS NOT NULL",

		foldsWrites: true,
		crowd:       postgresCrowd,
		trust:       "SELECT set_config('session_replication_role', 'replica', true) FROM pg_roles WHERE rolname = current_user AND rolsuper",
		settle:      "VACUUM ANALYZE",
		insert:      unnest,
		// A plan that is made while a table is small would be kept as it grows,
		// those of foreign keys too.
		byIndex: "SELECT set_config('enable_seqscan', 'off', true)",
		named: "SELECT DISTINCT i.account_id FROM json_array_elements(?::json) k JOIN identifiers i " +
			"ON i.tenant = ? AND i.kind = k->>0 AND i.value = k->>1",
		scheme:       "split_part(hash, '$', 2)",
		keyID:        "coalesce(substring(hash from ',keyid=([^$]*)[$]'), '')",
		tenantInTime: "tenant = ?",
		eventsOfOne:  "events",
	}}
}

// connect opens the pools of the database that the DSN's scheme names.
func connect(ctx context.Context, o Options) (*DB, error) {
	for _, d := range dialects() {
		for _, scheme := range d.schemes {
			if !strings.HasPrefix(o.DSN, scheme) {
				continue
			}
			db, err := d.connect(ctx, o)
			if err != nil {
				return nil, classify(ctx, err)
			}
			db.dialect = d
			return db, nil
		}
	}
	return nil, badDSN("its scheme is unknown")
}

// badDSN says what is wrong with a DSN, without the DSN: it may hold a password.
func badDSN(why string) error {
	return &core.Error{Code: core.Invalid, Fields: []string{"dsn"}, Err: errors.New(why +
		": write sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE")}
}
