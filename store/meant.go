package store

import (
	"context"

	"rekey/core"
)

// kindsOf is every kind of key that a tenant's accounts have, of which there are
// few, by one look at the index for each.
const kindsOf = `WITH RECURSIVE kinds(kind, n) AS (
	SELECT (SELECT kind FROM identifiers WHERE tenant = @tenant AND kind > '' ORDER BY kind LIMIT 1), 1
	UNION ALL
	SELECT (SELECT i.kind FROM identifiers i WHERE i.tenant = @tenant AND i.kind > kinds.kind ORDER BY i.kind LIMIT 1), n + 1
	FROM kinds WHERE kinds.kind IS NOT NULL AND n < @most
)`

// meant are the ids of those that are named so, by one look at the index for
// each kind. CROSS JOIN is what makes SQLite take them first, and few before all.
const meant = `SELECT id AS account_id FROM accounts WHERE tenant = @tenant AND id = @text
	UNION
	SELECT i.account_id FROM kinds CROSS JOIN identifiers i
	WHERE i.tenant = @tenant AND i.kind = kinds.kind AND i.value = CASE kinds.kind WHEN 'login' THEN @folded ELSE @text END`

// Meant implements [core.Store] with one query.
func (db *DB) Meant(ctx context.Context, tenant core.TenantID, text string) ([]core.Account, error) {
	if !storable(string(tenant), text) {
		return nil, nil
	}
	var rows []foundRow
	err := db.read.WithContext(ctx).Raw(kindsOf+"\nSELECT "+accountColumns+" FROM ("+meant+") p"+
		" CROSS JOIN accounts a "+withFactor+" "+withExternalIDs+" WHERE a.tenant = @tenant AND a.id = p.account_id ORDER BY a.id",
		map[string]any{"tenant": tenant, "text": text, "folded": core.Fold(text), "most": core.MostKinds}).Scan(&rows).Error
	if err != nil {
		return nil, classify(ctx, err)
	}
	return fold(rows), nil
}
