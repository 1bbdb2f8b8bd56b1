package store

import (
	"context"
	"strings"
)

// HashCount says how many hashes of one kind are kept.
type HashCount struct {
	Scheme    string // as the hash names it, such as argon2id, or 2b for bcrypt
	Key       string // the id of the pepper's key; "" for a hash without one
	Verifiers int
	History   int
}

// Hashes counts the stored hashes of all tenants, by scheme and key. It is for
// operators: a key of the installation serves every tenant, and must stay while
// any has a hash under it. It reads every account.
func (db *DB) Hashes(ctx context.Context) ([]HashCount, error) {
	statement := strings.NewReplacer(
		"{scheme}", db.dialect.scheme, "{key}", db.dialect.keyID,
	).Replace(`
		SELECT scheme, key, sum(verifier) AS verifiers, sum(history) AS history FROM (
			SELECT {scheme} AS scheme, {key} AS key, verifier, history FROM (
				SELECT verifier AS hash, 1 AS verifier, 0 AS history FROM accounts WHERE verifier <> ''
				UNION ALL SELECT hash, 0, 1 FROM history
			) AS hashes
		) AS kinds GROUP BY scheme, key ORDER BY scheme, key`)
	var counts []HashCount
	err := db.read.WithContext(ctx).Raw(statement).Scan(&counts).Error
	return counts, classify(ctx, err)
}
