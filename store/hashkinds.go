package store

import (
	"context"
	"strings"

	"rekey/core"
)

// saltless cuts salt and key off a hash: what bcrypt's have in their first six
// characters, and else what precedes the last two '$' that only letters of base64
// follow. It is said in the words that both databases know.
const saltless = `CASE WHEN verifier LIKE '$2_$__$%' THEN substr(verifier, 1, 6)
	WHEN verifier = '' THEN ''
	ELSE coalesce(nullif(rtrim(rtrim(rtrim(rtrim(verifier, {letters}), '$'), {letters}), '$'), ''), '!') END`

var hashKinds = strings.ReplaceAll(`SELECT setting, count(*) AS n, max(id) AS last FROM (
	SELECT id, `+saltless+` AS setting FROM accounts WHERE id > ? ORDER BY id LIMIT ?
) AS batch GROUP BY setting`, "{letters}", "'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/.=_-'")

// HashKinds counts verifiers by what stands before their salts, such as
// $argon2id$v=19$m=19456,t=2,p=1, and "" for accounts that have none: those of
// up to limit accounts of all tenants, in the order of their ids, beginning
// after the id after. next is where to go on, and "" at the end. However many
// accounts there are, it reads no more than limit.
func (db *DB) HashKinds(ctx context.Context, after core.AccountID, limit int) (counts map[string]int, next core.AccountID, err error) {
	var rows []struct {
		Setting string
		N       int
		Last    core.AccountID
	}
	err = db.read.WithContext(ctx).Raw(hashKinds, string(after), limit).Scan(&rows).Error
	counts = map[string]int{}
	read := 0
	for _, row := range rows {
		counts[row.Setting] = row.N
		read, next = read+row.N, max(next, row.Last)
	}
	if read < limit {
		next = ""
	}
	return counts, next, classify(ctx, err)
}
