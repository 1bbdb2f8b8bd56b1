package webhook

import (
	"encoding/json"
	"strconv"
	"strings"

	"rekey/core"
)

// Version is the version of [Event]. Within it members are added and none is
// taken away or given another meaning, so a receiver passes over what it does
// not know.
const Version = 1

// Event is the body of a delivery. Every delivery of one event, and every try of
// one delivery, says the same.
type Event struct {
	Type      string `json:"type"`      // such as password.changed
	Version   int    `json:"version"`   // [Version]
	Timestamp string `json:"timestamp"` // when it happened, in RFC 3339 with microseconds, UTC
	Data      Data   `json:"data"`
}

// Data is what an event says. What is not known is left out.
type Data struct {
	EventID     string            `json:"event_id"` // of the audit trail; the same for every endpoint
	Tenant      string            `json:"tenant"`
	AccountID   string            `json:"account_id"`
	ExternalIDs map[string]string `json:"external_ids,omitempty"` // what the dialects call the account; not with reset.requested

	Dialect       string `json:"dialect,omitempty"`        // through which it came
	Proof         string `json:"proof,omitempty"`          // knowledge, possession or authority
	Actor         string `json:"actor,omitempty"`          // who did it, where that is not the account's owner
	ClientAddress string `json:"client_address,omitempty"` // from where
	RequestID     string `json:"request_id,omitempty"`     // of the request, as in the log

	Outcome  string `json:"outcome,omitempty"`  // with password.change_refused: why
	Failures int    `json:"failures,omitempty"` // with password.change_refused and account.locked: in a row

	PasswordChangedAt string `json:"password_changed_at,omitempty"` // with password.changed
	TokensValidAfter  string `json:"tokens_valid_after,omitempty"`  // with password.changed: refuse session tokens that were issued before
}

// body returns what is posted of a message.
func body(m core.Message) ([]byte, error) {
	f := m.Facts
	failures, _ := strconv.Atoi(f[core.FactFailures])
	return json.Marshal(Event{
		Type: f[core.FactAction], Version: Version, Timestamp: f[core.FactAt],
		Data: Data{
			EventID: f[core.FactEvent], Tenant: string(m.Tenant), AccountID: string(m.Account), ExternalIDs: externals(f),
			Dialect: f[core.FactDialect], Proof: f[core.FactProof], Actor: f[core.FactActor],
			ClientAddress: f[core.FactAddr], RequestID: f[core.FactRequest],
			Outcome: f[core.FactOutcome], Failures: failures,
			PasswordChangedAt: f[core.FactChangedAt], TokensValidAfter: f[core.FactTokensValidAfter],
		},
	})
}

func externals(facts map[string]string) map[string]string {
	ids := map[string]string{}
	for name, value := range facts {
		if kind, ok := strings.CutPrefix(name, core.FactExternal); ok {
			ids[kind] = value
		}
	}
	return ids
}
