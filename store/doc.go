// Package store remembers: accounts, their histories and second factors, reset
// tokens, the audit trail, the outbox and what counts against limits, in
// PostgreSQL or SQLite, chosen by the scheme of the DSN.
//
// [DB] implements [core.Store], [core.Factors], [core.Outbox] and
// [core.Throttle]. Its guarantees rest on three habits:
//
//   - A write that depends on what was read is one guarded UPDATE, and the
//     number of rows that it touched is the truth. This holds at PostgreSQL's
//     READ COMMITTED as well as in SQLite.
//   - Every write to an account, or to its tokens, factor or codes, takes the
//     account's row first. What takes no account takes one row, or none that
//     it would have to wait for, or rows in the order of their keys.
//   - Every query says its tenant in words, but for tokens, which choose it,
//     and for messages and limits, which belong to the installation.
//     Conditions are never structs: gorm drops their zero fields, and with an
//     empty tenant the wall.
//
// The schema is versioned SQL in migrations, one folder for each database.
// SQLite is migrated by [Open]; PostgreSQL by [Migrate], which several
// processes may run at once. A release only adds to the schema what the
// release before it can ignore, so a database may be newer than the program.
package store
