package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/netip"
	"strconv"
	"time"

	"rekey/core"
)

// Row is an event as the trail keeps it. What a store returns may have been
// tampered with, so nothing in it needs to make sense.
type Row struct {
	Tenant, ID, At, Account, Action, Proof, Outcome, Actor, Dialect, Addr, RequestID string

	Batch int64 // the number of its seal; 0 if it is not sealed. No part of the digest.
}

// RowOf returns the row that is kept of an event.
func RowOf(e core.Event) Row {
	r := Row{
		Tenant: string(e.Tenant), ID: string(e.ID), At: Stamp(e.At.Truncate(time.Microsecond)), Account: string(e.Account), Action: string(e.Action),
		Proof: string(e.Proof), Outcome: string(e.Outcome), Actor: e.Actor, Dialect: e.Origin.Dialect, RequestID: e.Origin.RequestID,
	}
	if e.Origin.Addr.IsValid() {
		r.Addr = e.Origin.Addr.String()
	}
	return r
}

// Event returns the event that r was kept of. Internal if it makes no sense.
func (r Row) Event() (core.Event, error) {
	at, err := Time(r.At)
	if err != nil {
		return core.Event{}, r.odd(err)
	}
	e := core.Event{
		ID: core.EventID(r.ID), At: at, Tenant: core.TenantID(r.Tenant), Account: core.AccountID(r.Account), Action: core.Action(r.Action),
		Proof: core.ProofKind(r.Proof), Outcome: core.Code(r.Outcome), Actor: r.Actor,
		Origin: core.Origin{Dialect: r.Dialect, RequestID: r.RequestID},
	}
	if r.Addr != "" {
		if e.Origin.Addr, err = netip.ParseAddr(r.Addr); err != nil {
			return core.Event{}, r.odd(err)
		}
	}
	return e, nil
}

func (r Row) odd(err error) error {
	return &core.Error{Code: core.Internal, Err: fmt.Errorf("event %q of tenant %q: %w", r.ID, r.Tenant, err)}
}

// Leaf returns the digest of the row.
func (r Row) Leaf() Digest {
	return digestOf("rekey-event-v1", r.Tenant, r.ID, r.At, r.Account, r.Action, r.Proof, r.Outcome, r.Actor, r.Dialect, r.Addr, r.RequestID)
}

// Compare orders rows as a batch has them.
func (r Row) Compare(other Row) int {
	return cmp.Or(cmp.Compare(r.Tenant, other.Tenant), cmp.Compare(r.ID, other.ID))
}

const stamp = "2006-01-02T15:04:05.000000Z"

// Stamp returns the text of a time. What is finer than stores keep shows, so that
// it is no other time's text.
func Stamp(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()%1000 != 0 {
		return t.Format(time.RFC3339Nano)
	}
	return t.Format(stamp)
}

// Time returns the time of a text that [Stamp] has made.
func Time(text string) (time.Time, error) { return time.Parse(stamp, text) }

// Digest is a SHA-256 digest.
type Digest [sha256.Size]byte

// String returns 64 hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseDigest returns the digest of 64 hexadecimal digits, and whether they are that.
func ParseDigest(text string) (d Digest, ok bool) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(d) {
		return Digest{}, false
	}
	return Digest(raw), true
}

func digestOf(texts ...string) Digest {
	h := sha256.New()
	for _, text := range texts {
		netstring(h, text)
	}
	return Digest(h.Sum(nil))
}

func netstring(h hash.Hash, text string) {
	_, _ = h.Write(strconv.AppendInt(nil, int64(len(text)), 10)) // a hash takes all
	_, _ = h.Write([]byte(":" + text + ","))
}
