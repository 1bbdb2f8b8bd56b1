package records

import (
	"time"

	"github.com/go-json-experiment/json"

	"rekey/core"
)

// own is rekey's own form of an account.
type own struct {
	Tenant            core.TenantID     `json:"tenant,omitzero"`
	ID                core.AccountID    `json:"id,omitzero"`
	Username          string            `json:"username,omitzero"`
	Email             string            `json:"email,omitzero"`
	Name              string            `json:"name,omitzero"`
	Disabled          bool              `json:"disabled,omitzero"`
	ExternalIDs       map[string]string `json:"external_ids,omitempty"`
	Attributes        map[string]string `json:"attributes,omitempty"`
	Hash              string            `json:"hash,omitzero"`
	PasswordChangedAt time.Time         `json:"password_changed_at,omitzero"`
	TokensValidAfter  time.Time         `json:"tokens_valid_after,omitzero"`
	CreatedAt         time.Time         `json:"created_at,omitzero"`
	HistorySalt       []byte            `json:"history_salt,omitempty"`
	History           []entry           `json:"history,omitempty"`
	Factor            *factor           `json:"factor,omitzero"`
}

type entry struct {
	Hash  string    `json:"hash"`
	SetAt time.Time `json:"set_at"`
}

type factor struct {
	Sealed   string `json:"sealed"`
	LastStep int64  `json:"last_step"`
}

func decodeOwn(value []byte, r *Record) {
	var o own
	if err := json.Unmarshal(value, &o, json.RejectUnknownMembers(true)); err != nil {
		r.Fault = unreadable(err)
		return
	}
	r.Tenant = o.Tenant
	r.Account = core.Account{
		ID: o.ID, Username: o.Username, Email: o.Email, Name: o.Name, Disabled: o.Disabled,
		ExternalIDs: o.ExternalIDs, Attributes: o.Attributes, Verifier: o.Hash, HistorySalt: o.HistorySalt,
		PasswordChangedAt: o.PasswordChangedAt, TokensValidAfter: o.TokensValidAfter, CreatedAt: o.CreatedAt,
	}
	for _, h := range o.History {
		r.Account.History = append(r.Account.History, core.HistoryEntry{Hash: h.Hash, SetAt: h.SetAt})
	}
	if o.Factor != nil {
		r.Account.Factor = &core.Enrolment{Sealed: o.Factor.Sealed, LastStep: o.Factor.LastStep}
	}
}

func ownOf(a core.Account) own {
	o := own{
		Tenant: a.Tenant, ID: a.ID, Username: a.Username, Email: a.Email, Name: a.Name, Disabled: a.Disabled,
		ExternalIDs: a.ExternalIDs, Attributes: a.Attributes, Hash: a.Verifier, HistorySalt: a.HistorySalt,
		PasswordChangedAt: a.PasswordChangedAt, TokensValidAfter: a.TokensValidAfter, CreatedAt: a.CreatedAt,
	}
	for _, h := range a.History {
		o.History = append(o.History, entry{h.Hash, h.SetAt})
	}
	if a.Factor != nil {
		o.Factor = &factor{a.Factor.Sealed, a.Factor.LastStep}
	}
	return o
}
