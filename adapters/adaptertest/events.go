package adaptertest

import (
	"encoding/binary"
	"maps"
	"slices"
	"sync/atomic"

	"rekey/core"
)

// counter is randomness that is the same in every run.
type counter struct{ n atomic.Uint64 }

func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 0
	}
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], c.n.Add(1))
	copy(p[max(0, len(p)-8):], n[max(0, 8-len(p)):])
	return len(p), nil
}

// newEvents returns the events since the last call, tenant by tenant and in
// the order they were recorded, as
// "password.change_refused ada by knowledge: wrong_password".
func (w *world) newEvents() []string {
	tenants := append(slices.Collect(maps.Values(w.tenants)), "", Tenant)
	slices.Sort(tenants)
	var lines []string
	for _, tenant := range slices.Compact(tenants) {
		events, err := w.parts.Store.Events(w.t.Context(), tenant, "", 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, e := range events {
			if !w.seen[e.ID] {
				w.seen[e.ID] = true
				lines = append(lines, w.line(e))
			}
		}
	}
	return lines
}

func (w *world) line(e core.Event) string {
	line := string(e.Action) + " " + w.nameOf(e.Account)
	if e.Proof != "" {
		line += " by " + string(e.Proof)
	}
	if e.Actor != "" {
		line += " of " + e.Actor
	}
	if e.Outcome != "" {
		line += ": " + string(e.Outcome)
	}
	return line
}

func (w *world) nameOf(id core.AccountID) string {
	switch name, ok := w.names[id]; {
	case id == "":
		return "nobody"
	case ok:
		return name
	}
	return w.made(id)
}
