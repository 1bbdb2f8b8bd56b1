package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
	topic := r.topic
	id, err := s.named(ctx, r.tenant, r.account)
	switch {
	case CodeOf(err) == NotFound:
		topic = Void
	case err != nil:
		return err
	}
	event, err := s.event(r.action, r.tenant, id, r.origin)
	if err != nil {
		return err
	}
	event.Actor = r.by
	messages, err := s.deliveries(event, Account{}, nil) // the account is not read
	if err != nil {
		return err
	}
	if s.Outbox == nil {
		return s.recordWith(ctx, event, messages)
	}
	message, err := s.message(topic, event)
	if err != nil {
		return err
	}
	if r.account.Email != "" {
		message.Facts[factEmail] = s.addressDigest(r.tenant, r.account.Email)
	}
	return s.Outbox.Enqueue(ctx, event, append(messages, message)...)
}

// recordWith stores an event and the deliveries that tell of it.
func (s *Service) recordWith(ctx context.Context, e Event, deliveries []Message) error {
	if len(deliveries) == 0 {
		return s.record(ctx, e)
	}
	return s.Telling.Outbox.Enqueue(ctx, e, deliveries...)
}

// factEmail is the fact that a message about an e-mail address has: a digest of
// it, as it was claimed.
const factEmail = "email"

// addressContext is what digests of mailed addresses are keyed for.
const addressContext = "mailed address"

func addressText(tenant TenantID, email string) string { return string(tenant) + "\x00" + Fold(email) }

func (s *Service) addressDigest(tenant TenantID, email string) string {
	text := addressText(tenant, email)
	if s.Sealer != nil {
		return s.Sealer.Digest(text, addressContext)
	}
	return shorten(text)
}

// claims reports whether digest is the address's, also under a key that was active
// when the message was stored and is an older one by now.
func (s *Service) claims(digest string, tenant TenantID, email string) bool {
	text := addressText(tenant, email)
	return s.Sealer != nil && s.Sealer.Matches(digest, text, addressContext) || digest == shorten(text)
}

// named returns the id of the account that has the locator's key, and judges
// nothing else of it: whoever waits for the answer must not learn by the clock
// that there was an account to be judged.
func (s *Service) named(ctx context.Context, tenant TenantID, l Locator) (AccountID, error) {
	key, ok := l.key()
	if !ok || tenant == "" {
		return "", NotFound
	}
	id, err := s.Store.Find(ctx, tenant, key)
	if err != nil {
		return "", fmt.Errorf("find account: %w", err)
	}
	return id, nil
}

// Addressee returns the account that a message is to be mailed to. NotFound if
// there is none any more, or nobody to write to: it has no address or another one
// than was claimed, or is disabled and asks for a proof.
func (s *Service) Addressee(ctx context.Context, m Message) (Account, error) {
	account, err := s.find(ctx, m.Tenant, Locator{ID: m.Account})
	if err != nil {
		return Account{}, err
	}
	asks := m.Topic == MailResetLink || m.Topic == MailOneTimeCode
	claimed, told := m.Facts[factEmail]
	if account.Email == "" || asks && account.Disabled ||
		told && !s.claims(claimed, m.Tenant, account.Email) {
		return Account{}, NotFound
	}
	return account, nil
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
