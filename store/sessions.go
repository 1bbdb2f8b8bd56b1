package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"rekey/core"
)

var _ core.Sessions = (*DB)(nil)

// StartSession implements [core.Sessions].
func (db *DB) StartSession(ctx context.Context, x core.Session, e core.Event) error {
	return db.commit(ctx, e, func(tx *gorm.DB) error { return tx.Create(sessionRowOf(x)).Error })
}

// Session implements [core.Sessions] with one statement.
func (db *DB) Session(ctx context.Context, digest core.Digest) (core.Session, core.AccessKey, error) {
	var rows []struct {
		Session sessionRow   `gorm:"embedded"`
		Key     accessKeyRow `gorm:"embedded;embeddedPrefix:of_"`
	}
	err := db.read.WithContext(ctx).Raw(`
		SELECT s.digest, s.tenant, s.key, s.key_digest, s.sealed, s.started_at, s.seen_at, s.confirmed_at, s.expires_at,
			k.tenant AS of_tenant, k.name AS of_name, k.digest AS of_digest, k.scopes AS of_scopes, k.created_by AS of_created_by,
			k.created_at AS of_created_at, k.expires_at AS of_expires_at, k.last_used_at AS of_last_used_at, k.revoked_at AS of_revoked_at
		FROM sessions s JOIN access_keys k ON k.digest = s.key_digest WHERE s.digest = ?`, digest[:]).Scan(&rows).Error
	if err != nil {
		return core.Session{}, core.AccessKey{}, classify(ctx, err)
	}
	if len(rows) == 0 {
		return core.Session{}, core.AccessKey{}, core.NotFound
	}
	return rows[0].Session.session(), rows[0].Key.accessKey(), nil
}

// SeeSession implements [core.Sessions].
func (db *DB) SeeSession(ctx context.Context, digest core.Digest, at time.Time) error {
	return db.persist(ctx, func(g *gorm.DB) error {
		return g.Model(&sessionRow{}).Where("digest = ? AND seen_at < ?", digest[:], micro(at)).Update("seen_at", micro(at)).Error
	})
}

// RenewSession implements [core.Sessions].
func (db *DB) RenewSession(ctx context.Context, digest core.Digest, x core.Session, e core.Event) error {
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		return one(tx.Model(&sessionRow{}).Where("digest = ?", digest[:]).Select("*").Updates(sessionRowOf(x)))
	})
}

// EndSession implements [core.Sessions].
func (db *DB) EndSession(ctx context.Context, digest core.Digest, e core.Event) error {
	return db.commit(ctx, e, func(tx *gorm.DB) error {
		return one(tx.Where("digest = ?", digest[:]).Delete(&sessionRow{}))
	})
}

// one returns NotFound if the write touched nothing.
func one(r *gorm.DB) error {
	if r.Error == nil && r.RowsAffected != 1 {
		return core.NotFound
	}
	return r.Error
}

// endSessionsOf forgets the sessions that stand for the access key.
func endSessionsOf(tx *gorm.DB, tenant core.TenantID, key string) error {
	return tx.Where("tenant = ? AND key = ?", tenant, key).Delete(&sessionRow{}).Error
}

type sessionRow struct {
	Digest      []byte
	Tenant      string
	Key         string
	KeyDigest   []byte
	Sealed      string
	StartedAt   time.Time
	SeenAt      time.Time
	ConfirmedAt *time.Time
	ExpiresAt   time.Time
}

func (sessionRow) TableName() string { return "sessions" }

func sessionRowOf(x core.Session) *sessionRow {
	return &sessionRow{
		Digest: x.Digest[:], Tenant: string(x.Tenant), Key: x.Key, KeyDigest: x.KeyDigest[:], Sealed: x.Sealed,
		StartedAt: micro(x.StartedAt), SeenAt: micro(x.SeenAt), ConfirmedAt: nullable(x.ConfirmedAt), ExpiresAt: micro(x.ExpiresAt),
	}
}

func (r sessionRow) session() core.Session {
	return core.Session{
		Digest: core.Digest(r.Digest), Tenant: core.TenantID(r.Tenant), Key: r.Key, KeyDigest: core.Digest(r.KeyDigest), Sealed: r.Sealed,
		StartedAt: r.StartedAt.UTC(), SeenAt: r.SeenAt.UTC(), ConfirmedAt: timeOf(r.ConfirmedAt), ExpiresAt: r.ExpiresAt.UTC(),
	}
}
