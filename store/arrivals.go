package store

import (
	"time"

	"rekey/core"
)

// tablesOf returns what is inserted for new accounts, and for known ones their
// new keys and events, in the order in which it must be.
func tablesOf(fresh, known []core.Arrival) []table {
	var accounts []accountRow
	var identifiers []identifierRow
	var history []historyRow
	var factors []factorRow
	var events []eventRow
	for _, arrival := range fresh {
		a := arrival.Account
		accounts = append(accounts, *accountRowOf(a))
		identifiers = append(identifiers, identifierRows(a, a.Keys())...)
		for i, h := range a.History {
			history = append(history, historyRow{string(a.Tenant), string(a.ID), a.Revision - int64(i), h.Hash, micro(h.SetAt)})
		}
		if a.Factor != nil {
			factors = append(factors, factorRow{string(a.Tenant), string(a.ID), a.Factor.Sealed, a.Factor.LastStep})
		}
		events = append(events, *eventRowOf(arrival.Event))
	}
	for _, arrival := range known {
		identifiers = append(identifiers, identifierRows(arrival.Account, arrival.Keys)...)
		events = append(events, *eventRowOf(arrival.Event))
	}
	return []table{
		{"accounts", core.KeyID, len(accounts), accountsOf(accounts)},
		{"identifiers", core.KeyLogin, len(identifiers), identifiersOf(identifiers)},
		{"history", "", len(history), historyOf(history)},
		{"factors", "", len(factors), factorsOf(factors)},
		{"events", "", len(events), eventsOf(events)},
	}
}

func identifierRows(a core.Account, keys []core.Key) (rows []identifierRow) {
	for _, key := range keys {
		rows = append(rows, identifierRow{string(a.Tenant), key.Kind, key.Value, string(a.ID)})
	}
	return rows
}

func accountsOf(rows []accountRow) []column {
	return []column{
		of(rows, "id", "text", func(r *accountRow) string { return r.ID }),
		of(rows, "tenant", "text", func(r *accountRow) string { return r.Tenant }),
		of(rows, "username", "text", func(r *accountRow) string { return r.Username }),
		of(rows, "email", "text", func(r *accountRow) string { return r.Email }),
		of(rows, "name", "text", func(r *accountRow) string { return r.Name }),
		of(rows, "attributes", "text", func(r *accountRow) string { return r.Attributes.text() }),
		of(rows, "disabled", "boolean", func(r *accountRow) bool { return r.Disabled }),
		of(rows, "verifier", "text", func(r *accountRow) string { return r.Verifier }),
		of(rows, "history_salt", "bytea", func(r *accountRow) []byte { return r.HistorySalt }),
		of(rows, "revision", "bigint", func(r *accountRow) int64 { return r.Revision }),
		of(rows, "password_changed_at", "timestamptz", func(r *accountRow) *time.Time { return r.PasswordChangedAt }),
		of(rows, "tokens_valid_after", "timestamptz", func(r *accountRow) *time.Time { return r.TokensValidAfter }),
		of(rows, "created_at", "timestamptz", func(r *accountRow) time.Time { return r.CreatedAt }),
	}
}

func identifiersOf(rows []identifierRow) []column {
	return []column{
		of(rows, "tenant", "text", func(r *identifierRow) string { return r.Tenant }),
		of(rows, "kind", "text", func(r *identifierRow) string { return r.Kind }),
		of(rows, "value", "text", func(r *identifierRow) string { return r.Value }),
		of(rows, "account_id", "text", func(r *identifierRow) string { return r.AccountID }),
	}
}

func historyOf(rows []historyRow) []column {
	return []column{
		of(rows, "tenant", "text", func(r *historyRow) string { return r.Tenant }),
		of(rows, "account_id", "text", func(r *historyRow) string { return r.AccountID }),
		of(rows, "position", "bigint", func(r *historyRow) int64 { return r.Position }),
		of(rows, "hash", "text", func(r *historyRow) string { return r.Hash }),
		of(rows, "set_at", "timestamptz", func(r *historyRow) time.Time { return r.SetAt }),
	}
}

func factorsOf(rows []factorRow) []column {
	return []column{
		of(rows, "tenant", "text", func(r *factorRow) string { return r.Tenant }),
		of(rows, "account_id", "text", func(r *factorRow) string { return r.AccountID }),
		of(rows, "sealed", "text", func(r *factorRow) string { return r.Sealed }),
		of(rows, "last_step", "bigint", func(r *factorRow) int64 { return r.LastStep }),
	}
}

func eventsOf(rows []eventRow) []column {
	return []column{
		of(rows, "tenant", "text", func(r *eventRow) string { return r.Tenant }),
		of(rows, "id", "text", func(r *eventRow) string { return r.ID }),
		of(rows, "at", "timestamptz", func(r *eventRow) time.Time { return r.At }),
		of(rows, "account_id", "text", func(r *eventRow) string { return r.AccountID }),
		of(rows, "action", "text", func(r *eventRow) string { return r.Action }),
		of(rows, "proof", "text", func(r *eventRow) string { return r.Proof }),
		of(rows, "outcome", "text", func(r *eventRow) string { return r.Outcome }),
		of(rows, "actor", "text", func(r *eventRow) string { return r.Actor }),
		of(rows, "dialect", "text", func(r *eventRow) string { return r.Dialect }),
		of(rows, "addr", "text", func(r *eventRow) string { return r.Addr }),
		of(rows, "request_id", "text", func(r *eventRow) string { return r.RequestID }),
	}
}
