// Package trail is the audit trail as a file, which can be verified away from the
// database: a line for the file itself, each seal and then the events of its batch,
// and last the events that are not sealed. As JSON lines or as CSV, the fields have
// the same names; core/audit says what is digested of them.
package trail

import (
	"encoding/hex"

	"rekey/core/audit"
)

// The types of lines.
const (
	typeFile  = "export"
	typeSeal  = "seal"
	typeEvent = "event"
)

// File is the first line.
type File struct {
	Type    string `json:"type"`
	Version int64  `json:"version"`
	MadeAt  string `json:"made_at"`
	Head    string `json:"head"`    // the anchor of the last seal; "" if nothing was sealed
	Partial bool   `json:"partial"` // whether events were left out by a filter
}

type sealLine struct {
	Type     string `json:"type"`
	Seq      int64  `json:"seq"`
	Prev     string `json:"prev"`
	Rows     int64  `json:"rows"`
	First    string `json:"first"`
	Last     string `json:"last"`
	SealedAt string `json:"sealed_at"`
	Root     string `json:"root"`
	Digest   string `json:"digest"`
	MAC      string `json:"mac"`
	Pruned   string `json:"pruned"`
	Leaves   string `json:"leaves"` // one after another
}

// EventLine is an event.
type EventLine struct {
	Type      string `json:"type"`
	Batch     int64  `json:"batch"` // 0 if it is not sealed
	Tenant    string `json:"tenant"`
	ID        string `json:"id"`
	At        string `json:"at"`
	Account   string `json:"account"`
	Action    string `json:"action"`
	Proof     string `json:"proof"`
	Outcome   string `json:"outcome"` // "" if it was done
	Actor     string `json:"actor"`
	Dialect   string `json:"dialect"`
	Addr      string `json:"addr"`
	RequestID string `json:"request_id"`
}

// LineOf returns the line of a row.
func LineOf(r audit.Row) EventLine {
	return EventLine{
		Type: typeEvent, Batch: r.Batch, Tenant: r.Tenant, ID: r.ID, At: r.At, Account: r.Account, Action: r.Action, Proof: r.Proof,
		Outcome: r.Outcome, Actor: r.Actor, Dialect: r.Dialect, Addr: r.Addr, RequestID: r.RequestID,
	}
}

func (l EventLine) row() audit.Row {
	return audit.Row{
		Batch: l.Batch, Tenant: l.Tenant, ID: l.ID, At: l.At, Account: l.Account, Action: l.Action, Proof: l.Proof,
		Outcome: l.Outcome, Actor: l.Actor, Dialect: l.Dialect, Addr: l.Addr, RequestID: l.RequestID,
	}
}

func sealLineOf(s audit.Seal) sealLine {
	var leaves []byte
	for _, leaf := range s.Leaves {
		leaves = hex.AppendEncode(leaves, leaf[:])
	}
	return sealLine{
		Type: typeSeal, Seq: s.Seq, Prev: s.Prev.String(), Rows: s.Rows, First: s.First, Last: s.Last, SealedAt: s.SealedAt,
		Root: s.Root.String(), Digest: s.Digest.String(), MAC: s.MAC, Pruned: s.Pruned, Leaves: string(leaves),
	}
}

// seal returns the seal. What is no digest becomes one that no seal has.
func (l sealLine) seal() audit.Seal {
	s := audit.Seal{Seq: l.Seq, Rows: l.Rows, First: l.First, Last: l.Last, SealedAt: l.SealedAt, MAC: l.MAC, Pruned: l.Pruned}
	s.Prev, _ = audit.ParseDigest(l.Prev)
	s.Root, _ = audit.ParseDigest(l.Root)
	s.Digest, _ = audit.ParseDigest(l.Digest)
	const width = 2 * len(audit.Digest{})
	for leaves := l.Leaves; leaves != ""; {
		n := min(width, len(leaves))
		leaf, _ := audit.ParseDigest(leaves[:n])
		s.Leaves, leaves = append(s.Leaves, leaf), leaves[n:]
	}
	return s
}
