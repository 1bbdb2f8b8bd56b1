package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

var _ core.AccessKeys = (*DB)(nil)

// CreateAccessKey implements [core.AccessKeys].
func (db *DB) CreateAccessKey(ctx context.Context, k core.AccessKey, e core.Event) error {
	return db.commit(ctx, e, func(tx *gorm.DB) error { return insert(tx, accessKeyRowOf(k), "name") })
}

// AccessKey implements [core.AccessKeys].
func (db *DB) AccessKey(ctx context.Context, digest core.Digest) (core.AccessKey, error) {
	var rows []accessKeyRow
	if err := db.read.WithContext(ctx).Where("digest = ?", digest[:]).Find(&rows).Error; err != nil {
		return core.AccessKey{}, classify(ctx, err)
	}
	if len(rows) == 0 {
		return core.AccessKey{}, core.NotFound
	}
	return rows[0].accessKey(), nil
}

// AccessKeys implements [core.AccessKeys].
func (db *DB) AccessKeys(ctx context.Context, tenant core.TenantID, after string, limit int) ([]core.AccessKey, error) {
	if limit <= 0 || !storable(string(tenant), after) {
		return nil, nil
	}
	var rows []accessKeyRow
	err := db.read.WithContext(ctx).Where("tenant = ? AND name > ?", tenant, after).Order("name").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, classify(ctx, err)
	}
	keys := make([]core.AccessKey, len(rows))
	for i, row := range rows {
		keys[i] = row.accessKey()
	}
	return keys, nil
}

// RevokeAccessKey implements [core.AccessKeys].
func (db *DB) RevokeAccessKey(ctx context.Context, tenant core.TenantID, name string, e core.Event) error {
	if !storable(string(tenant), name) {
		return core.NotFound
	}
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		r := tx.Model(&accessKeyRow{}).Where("tenant = ? AND name = ? AND revoked_at IS NULL", tenant, name).
			Update("revoked_at", micro(e.At))
		if err := one(r); err != nil {
			return err
		}
		return endSessionsOf(later(tx, nil), tenant, name)
	})
}

// UseAccessKey implements [core.AccessKeys].
func (db *DB) UseAccessKey(ctx context.Context, digest core.Digest, at time.Time) error {
	return db.persist(ctx, func(g *gorm.DB) error {
		return g.Model(&accessKeyRow{}).Where("digest = ?", digest[:]).Update("last_used_at", micro(at)).Error
	})
}

type accessKeyRow struct {
	Tenant     string
	Name       string
	Digest     []byte
	Scopes     string // by spaces
	CreatedBy  string
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}

func (accessKeyRow) TableName() string { return "access_keys" }

func accessKeyRowOf(k core.AccessKey) *accessKeyRow {
	scopes := make([]string, len(k.Scopes))
	for i, scope := range k.Scopes {
		scopes[i] = string(scope)
	}
	return &accessKeyRow{
		Tenant: string(k.Tenant), Name: k.Name, Digest: k.Digest[:], Scopes: strings.Join(scopes, " "),
		CreatedBy: legible(k.CreatedBy), CreatedAt: micro(k.CreatedAt),
		ExpiresAt: nullable(k.ExpiresAt), LastUsedAt: nullable(k.LastUsedAt), RevokedAt: nullable(k.RevokedAt),
	}
}

func (r accessKeyRow) accessKey() core.AccessKey {
	k := core.AccessKey{
		Tenant: core.TenantID(r.Tenant), Name: r.Name, Digest: core.Digest(r.Digest),
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt.UTC(),
		ExpiresAt: timeOf(r.ExpiresAt), LastUsedAt: timeOf(r.LastUsedAt), RevokedAt: timeOf(r.RevokedAt),
	}
	for _, scope := range strings.Fields(r.Scopes) {
		k.Scopes = append(k.Scopes, core.Scope(scope))
	}
	return k
}
