package store

import (
	"fmt"
	"net/netip"
	"time"

	"rekey/core"
)

// accountRow is a row of accounts. Nullable times are NULL where the core has
// the zero time.
type accountRow struct {
	ID                string
	Tenant            string
	Username          string
	Email             string
	Name              string
	Attributes        texts
	Disabled          bool
	Verifier          string
	HistorySalt       []byte
	Revision          int64
	PasswordChangedAt *time.Time
	TokensValidAfter  *time.Time
	CreatedAt         time.Time `gorm:"autoCreateTime:false"`
}

type identifierRow struct{ Tenant, Kind, Value, AccountID string }

type historyRow struct {
	Tenant    string
	AccountID string
	Position  int64
	Hash      string
	SetAt     time.Time
}

type tokenRow struct {
	Digest       []byte
	Tenant       string
	AccountID    string
	IssuedBy     string
	IssuedAt     time.Time
	ExpiresAt    time.Time
	UsedAt       *time.Time
	SupersededAt *time.Time
}

type eventRow struct {
	Tenant    string
	ID        string
	At        time.Time
	AccountID string
	Action    string
	Proof     string
	Outcome   string
	Actor     string
	Dialect   string
	Addr      string
	RequestID string
}

func (accountRow) TableName() string    { return "accounts" }
func (identifierRow) TableName() string { return "identifiers" }
func (historyRow) TableName() string    { return "history" }
func (tokenRow) TableName() string      { return "reset_tokens" }
func (eventRow) TableName() string      { return "events" }

// micro returns t as it is kept.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// nullable returns t for a column in which NULL means the zero time.
func nullable(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = micro(t)
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func accountRowOf(a core.Account) *accountRow {
	return &accountRow{
		ID: string(a.ID), Tenant: string(a.Tenant), Username: a.Username, Email: a.Email, Name: a.Name,
		Attributes: a.Attributes,
		Disabled:   a.Disabled, Verifier: a.Verifier, HistorySalt: a.HistorySalt, Revision: a.Revision,
		PasswordChangedAt: nullable(a.PasswordChangedAt), TokensValidAfter: nullable(a.TokensValidAfter),
		CreatedAt: micro(a.CreatedAt),
	}
}

// account returns the account without what lies in other tables.
func (r accountRow) account() core.Account {
	return core.Account{
		ID: core.AccountID(r.ID), Tenant: core.TenantID(r.Tenant), Username: r.Username, Email: r.Email, Name: r.Name,
		Attributes: r.Attributes,
		Disabled:   r.Disabled, Verifier: r.Verifier, HistorySalt: r.HistorySalt, Revision: r.Revision,
		PasswordChangedAt: timeOf(r.PasswordChangedAt), TokensValidAfter: timeOf(r.TokensValidAfter),
		CreatedAt: r.CreatedAt.UTC(),
	}
}

func tokenRowOf(t core.ResetToken) *tokenRow {
	return &tokenRow{
		Digest: t.Digest[:], Tenant: string(t.Tenant), AccountID: string(t.Account), IssuedBy: legible(t.IssuedBy),
		IssuedAt: micro(t.IssuedAt), ExpiresAt: micro(t.ExpiresAt),
		UsedAt: nullable(t.UsedAt), SupersededAt: nullable(t.SupersededAt),
	}
}

func (r tokenRow) token() core.ResetToken {
	return core.ResetToken{
		Digest: core.Digest(r.Digest), Tenant: core.TenantID(r.Tenant), Account: core.AccountID(r.AccountID),
		IssuedBy: r.IssuedBy, IssuedAt: r.IssuedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		UsedAt: timeOf(r.UsedAt), SupersededAt: timeOf(r.SupersededAt),
	}
}

func eventRowOf(e core.Event) *eventRow {
	row := eventRow{
		Tenant: string(e.Tenant), ID: string(e.ID), At: micro(e.At), AccountID: string(e.Account),
		Action: string(e.Action), Proof: string(e.Proof), Outcome: string(e.Outcome), Actor: legible(e.Actor),
		Dialect: e.Origin.Dialect, RequestID: legible(e.Origin.RequestID),
	}
	if e.Origin.Addr.IsValid() {
		row.Addr = e.Origin.Addr.String()
	}
	return &row
}

func (r eventRow) event() (core.Event, error) {
	e := core.Event{
		ID: core.EventID(r.ID), At: r.At.UTC(), Tenant: core.TenantID(r.Tenant), Account: core.AccountID(r.AccountID),
		Action: core.Action(r.Action), Proof: core.ProofKind(r.Proof), Outcome: core.Code(r.Outcome), Actor: r.Actor,
		Origin: core.Origin{Dialect: r.Dialect, RequestID: r.RequestID},
	}
	if r.Addr == "" {
		return e, nil
	}
	addr, err := netip.ParseAddr(r.Addr)
	if err != nil {
		return core.Event{}, fmt.Errorf("event %s: %w", r.ID, err)
	}
	e.Origin.Addr = addr
	return e, nil
}
