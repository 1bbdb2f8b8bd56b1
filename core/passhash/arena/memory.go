// Package arena derives the keys of argon2id in memory that is used again.
//
// golang.org/x/crypto/argon2 allocates the memory of each derivation anew, 19 MiB
// at OWASP's parameters: the collector runs after every second one, its pages are
// small, and as much garbage as there is memory in use lies around. Here the same
// library's code fills memory that is kept, outside of the collector's heap and in
// huge pages where the kernel has them.
package arena

import (
	"runtime"

	"golang.org/x/crypto/argon2"
)

// Memory is what derivations work in. Its methods are safe for concurrent use.
// Nothing of a password stays in it: it is zero whenever nobody derives.
type Memory struct {
	blocks int // of each region
	free   chan region
}

// region is the memory of one derivation at a time; nil if it was not mapped yet.
type region []block

// NewMemory returns memory for so many derivations at once, of up to kib KiB each.
// It is taken from the system when it is needed first, and given back when nobody
// can reach the Memory any more.
func NewMemory(derivations, kib int) *Memory {
	m := &Memory{blocks: kib, free: make(chan region, derivations)}
	for range derivations {
		m.free <- nil
	}
	return m
}

// Key returns what [argon2.IDKey] does for the same arguments, memory being in
// KiB. What needs more memory than there is here, at the same time or at once, is
// derived by that function, in memory of its own. The arguments are in the bounds
// of RFC 9106, section 3.1.
func (m *Memory) Key(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
	r, ok := m.take(int(memory))
	if !ok {
		return argon2.IDKey(password, salt, time, memory, threads, length)
	}
	defer m.give(r, int(memory))
	return derive(r, password, salt, time, memory, uint32(threads), length)
}

// take returns a region of zeros.
func (m *Memory) take(kib int) (r region, ok bool) {
	if kib > m.blocks || !usable() {
		return nil, false
	}
	select {
	case r = <-m.free:
	default:
		return nil, false
	}
	if r == nil {
		r = m.mapped()
	}
	return r, true
}

// mapped returns a new region, which ends with the Memory.
func (m *Memory) mapped() region {
	r, unmap := newRegion(m.blocks)
	runtime.AddCleanup(m, func(unmap func()) { unmap() }, unmap)
	return r
}

// give makes the first blocks zeros again, and lets others have the region.
func (m *Memory) give(r region, used int) {
	clear(r[:used])
	m.free <- r
}
