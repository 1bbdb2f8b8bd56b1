package core

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Endpoint is a system that is told of events, each by a delivery of its own:
// a [Message] of the topic [TellEndpoint].
type Endpoint struct {
	Name    string
	Actions []Action   // of which it is told
	Tenants []TenantID // whose; everybody's if empty
}

// ToldActions returns the actions that endpoints may be told of.
func ToldActions() []Action {
	return []Action{PasswordChanged, PasswordRefused, AccountLocked, ResetRequested}
}

// Telling says who is told of events, beside the owners of accounts. The zero
// Telling tells nobody.
type Telling struct {
	Outbox    Outbox // required if there are endpoints
	Endpoints []Endpoint

	// RefusedAfter is how many attempts in a row must have failed by one name,
	// the one that is told of included, before a refusal is told.
	RefusedAfter int
}

// Deliveries keeps what endpoints are to be told. Errors are classified as a
// [Store]'s are, and methods are safe for concurrent use by any number of
// processes.
type Deliveries interface {
	// ClaimDeliveries does for one endpoint what [Outbox.Claim] does for the
	// outbox. A delivery about an account is not claimed before those of the
	// account that were stored earlier are done or buried.
	ClaimDeliveries(ctx context.Context, endpoint string, now, until time.Time, limit int) ([]Message, error)

	// FinishDelivery removes one that is done. It is no error if it is gone.
	FinishDelivery(ctx context.Context, id MessageID) error

	// PostponeDelivery makes one due again at due, and no later delivery of
	// its account to its endpoint sooner. why is kept for operators and holds
	// no secret. It is no error if it is gone or buried.
	PostponeDelivery(ctx context.Context, id MessageID, due time.Time, why string) error

	// BuryDelivery sets one aside, until somebody retries it. It is no error
	// if it is gone.
	BuryDelivery(ctx context.Context, id MessageID, at time.Time, why string) error

	// Deliveries returns up to limit deliveries that the selection names, in
	// the order in which they were stored, beginning after the place after.
	Deliveries(ctx context.Context, s Selection, after int64, limit int) ([]Delivery, error)

	// RetryDeliveries makes the deliveries due at now, as if they had never
	// been tried, and returns how many. One that is gone, or being tried, is
	// left alone.
	RetryDeliveries(ctx context.Context, now time.Time, ids ...MessageID) (int, error)

	// RetryDeliveriesOf does the same at e.At for those that are the tenant's,
	// and stores the event. NotFound if there was none to retry.
	RetryDeliveriesOf(ctx context.Context, tenant TenantID, e Event, ids ...MessageID) (int, error)
}

// Delivery is a message for an endpoint, as operators see it.
type Delivery struct {
	Message
	Place    int64     // in the order in which deliveries were stored
	Why      string    // why the latest try failed; "" if none did
	BuriedAt time.Time // zero while it is tried
}

// Selection says which deliveries are meant: those that have all that is set.
type Selection struct {
	Endpoint string
	Tenant   TenantID
	Buried   *bool // whether they are buried
}

// QueueOf returns the endpoint's deliveries as a dispatcher takes them.
func QueueOf(d Deliveries, endpoint string) Queue { return queue{d, endpoint} }

type queue struct {
	Deliveries
	endpoint string
}

func (q queue) Claim(ctx context.Context, now, until time.Time, limit int) ([]Message, error) {
	return q.ClaimDeliveries(ctx, q.endpoint, now, until, limit)
}

func (q queue) Finish(ctx context.Context, id MessageID) error { return q.FinishDelivery(ctx, id) }

func (q queue) Postpone(ctx context.Context, id MessageID, due time.Time, why string) error {
	return q.PostponeDelivery(ctx, id, due, why)
}

func (q queue) Bury(ctx context.Context, id MessageID, at time.Time, why string) error {
	return q.BuryDelivery(ctx, id, at, why)
}

// The facts that a delivery may have. One that is empty is left out.
const (
	FactEvent            = "event"     // the event's id
	FactAction           = "action"    // the event's
	FactAt               = "at"        // when it happened
	FactDialect          = "dialect"   // through which dialect
	FactAddr             = "addr"      // the client's network address
	FactRequest          = "request"   // the request's id
	FactProof            = "proof"     // the kind of proof
	FactActor            = "actor"     // who did it, where that is not the account's owner
	FactOutcome          = "outcome"   // why it was refused
	FactFailures         = "failures"  // how many attempts in a row failed, by the name that was used
	FactChangedAt        = "changed"   // when the password was changed
	FactTokensValidAfter = "valid"     // session tokens that were issued before are dead
	FactExternal         = "external." // and a dialect: what it calls the account
)

// deliveries returns the messages by which endpoints are told of the event. An
// event about nobody has as many, that ask for nothing: what is written does not
// tell whether an account exists.
func (s *Service) deliveries(e Event, a Account, more map[string]string) ([]Message, error) {
	var all []Message
	for _, endpoint := range s.Telling.Endpoints {
		if !endpoint.takes(e) {
			continue
		}
		topic := TellEndpoint
		if e.Account == "" {
			topic = Void
		}
		m, err := s.message(topic, e)
		if err != nil {
			return nil, err
		}
		m.Endpoint, m.Since, m.Facts = endpoint.Name, e.At, facts(e, a)
		maps.Copy(m.Facts, more)
		all = append(all, m)
	}
	return all, nil
}

func (n Endpoint) takes(e Event) bool {
	return slices.Contains(n.Actions, e.Action) && (len(n.Tenants) == 0 || slices.Contains(n.Tenants, e.Tenant))
}

// facts returns what an endpoint is told of the event. Nothing that a client
// typed is among it but the request's id.
func facts(e Event, a Account) map[string]string {
	known := map[string]string{
		FactEvent: string(e.ID), FactAction: string(e.Action), FactAt: precise(e.At), FactDialect: e.Origin.Dialect,
		FactRequest: e.Origin.RequestID, FactProof: string(e.Proof), FactActor: e.Actor, FactOutcome: string(e.Outcome),
	}
	if e.Origin.Addr.IsValid() {
		known[FactAddr] = e.Origin.Addr.String()
	}
	for kind, id := range a.ExternalIDs {
		known[FactExternal+kind] = id
	}
	maps.DeleteFunc(known, func(_, value string) bool { return value == "" })
	return known
}

// precise writes a time as it is kept, in RFC 3339.
func precise(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z07:00") }

// tellChange adds the deliveries of a change to what it writes.
func (s *Service) tellChange(m *Mutation, a Account) error {
	valid := m.TokensValidAfter
	if a.TokensValidAfter.After(valid) {
		valid = a.TokensValidAfter
	}
	told, err := s.deliveries(m.Event, a, map[string]string{FactChangedAt: precise(m.ChangedAt), FactTokensValidAfter: precise(valid)})
	m.Messages = append(m.Messages, told...)
	return err
}

// tellFailure adds the deliveries of a refusal, or of a lock, to what it writes.
func (s *Service) tellFailure(r *Settlement, e Event, a *attempt) error {
	told, err := s.deliveries(e, a.account, map[string]string{FactFailures: strconv.Itoa(a.failures)})
	r.Messages = append(r.Messages, told...)
	return err
}
