// Package sqlite3 is empty. It stands in the place of a driver in C that gorm's
// dialect for SQLite imports and rekey does not use: with it, every build would
// compile and carry a second SQLite. The driver in use is modernc.org/sqlite.
package sqlite3
