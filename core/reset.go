package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"time"
)

// MailLimits bounds how often mail may be asked for. A zero Limit.Every
// switches that bound off.
type MailLimits struct {
	PerAddress Limit // for each address that is named, known or not; the Key is filled in
	PerClient  Limit // for each client's network address; the Key is filled in
}

// RequestReset asks for a reset link to be mailed to the account of the
// tenant that has the e-mail address. It returns before anything is mailed,
// and does the same for an address that nobody has: the same verdict, the same
// writes. Throttled with RetryAfter beyond the limits. Without an Outbox it
// leaves its event, and nothing is ever mailed.
func (s *Service) RequestReset(ctx context.Context, tenant TenantID, email string, limits MailLimits, o Origin) error {
	return s.requestMail(ctx, mailRequest{tenant, Locator{Email: email}, Fold(email), limits, o, MailResetLink, ResetRequested, ""})
}

// mailRequest is what a client asks to be mailed.
type mailRequest struct {
	tenant  TenantID
	account Locator
	name    string // what the limit per address counts: the address as it was named
	limits  MailLimits
	origin  Origin
	topic   Topic
	action  Action
	by      string // who asked, where that is not the account's owner
}

func (s *Service) requestMail(ctx context.Context, r mailRequest) error {
	now := s.present()
	wait, err := s.Throttle.Take(ctx, now, r.takes()...)
	switch {
	case err != nil:
		return err
	case wait > 0:
		return &Error{Code: Throttled, RetryAfter: wait}
	}
	account, err := s.find(ctx, r.tenant, r.account)
	topic := r.topic
	switch {
	case CodeOf(err) == NotFound || err == nil && (account.Disabled || account.Email == ""):
		topic, account = Void, Account{}
	case err != nil:
		return err
	}
	event, err := s.event(r.action, r.tenant, account.ID, r.origin)
	if err != nil {
		return err
	}
	event.Actor = r.by
	if s.Outbox == nil {
		return s.record(ctx, event)
	}
	message, err := s.message(topic, event)
	if err != nil {
		return err
	}
	return s.Outbox.Enqueue(ctx, event, message)
}

// takes returns the limits that count for the request.
func (r mailRequest) takes() []Limit {
	var takes []Limit
	for _, limit := range []struct {
		Limit
		kind, of string
	}{
		{r.limits.PerAddress, "address", string(r.tenant) + "\x00" + r.name},
		{r.limits.PerClient, "client", network(r.origin.Addr)},
	} {
		if limit.Every > 0 {
			sum := sha256.Sum256([]byte(limit.of))
			limit.Key = "mail/" + string(r.topic) + "/" + limit.kind + "/" + hex.EncodeToString(sum[:16])
			takes = append(takes, limit.Limit)
		}
	}
	return takes
}

// network returns what one client can be expected to hold: an IPv4 address, or
// the 64 bits of an IPv6 one that its network has (RFC 6177).
func network(addr netip.Addr) string {
	if addr = addr.Unmap(); addr.Is6() {
		prefix, _ := addr.Prefix(64) // fits every IPv6 address
		return prefix.String()
	}
	return addr.String()
}

// message returns a new message that goes with the event.
func (s *Service) message(topic Topic, e Event) (Message, error) {
	id, err := s.newID(e.At)
	if err != nil {
		return Message{}, err
	}
	m := Message{ID: MessageID(id), Tenant: e.Tenant, Account: e.Account, Topic: topic, Due: e.At, Facts: map[string]string{
		"dialect": e.Origin.Dialect, "at": e.At.Format(time.RFC3339),
	}}
	if e.Origin.Addr.IsValid() {
		m.Facts["addr"] = e.Origin.Addr.String()
	}
	return m, nil
}
