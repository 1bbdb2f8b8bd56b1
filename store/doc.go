// Package store remembers: accounts, their histories, reset tokens and the
// audit trail, in PostgreSQL or SQLite, chosen by the scheme of the DSN.
//
// [DB] implements [core.Store]. Its guarantees rest on three habits:
//
//   - A write that depends on what was read is one guarded UPDATE, and the
//     number of rows that it touched is the truth. This holds at PostgreSQL's
//     READ COMMITTED as well as in SQLite.
//   - Every write to an account or its tokens takes the account's row first,
//     and its tokens after.
//   - Every query says its tenant in words. Conditions are never structs:
//     gorm drops their zero fields, and with an empty tenant the wall.
//
// The schema is versioned SQL in migrations, one folder for each database.
// SQLite is migrated by [Open]; PostgreSQL by [Migrate], which several
// processes may run at once. A release only adds to the schema what the
// release before it can ignore, so a database may be newer than the program.
package store
