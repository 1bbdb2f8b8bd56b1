package arena

import _ "unsafe" // for go:linkname

//go:linkname processBlock golang.org/x/crypto/argon2.processBlock
//go:noescape
func processBlock(out, in1, in2 *block)

//go:linkname processBlockXOR golang.org/x/crypto/argon2.processBlockXOR
//go:noescape
func processBlockXOR(out, in1, in2 *block)

//go:linkname indexAlpha golang.org/x/crypto/argon2.indexAlpha
func indexAlpha(random uint64, lane, segment, threads, pass, slice, thread, index uint32) uint32

// fill fills the one lane of r, which begins with its two first blocks (RFC 9106,
// section 3.4). The library does it as well, with a goroutine for each slice, eight
// in a derivation: each wakes another thread, which looks for work and takes turns
// with the derivations on their cores.
func fill(r region, passes uint32) {
	length := uint32(len(r)) //nolint:gosec // within the bounds of RFC 9106
	segment := length / syncPoints
	a := addresses{passes: passes, length: length}
	for pass := range passes {
		for slice := range uint32(syncPoints) {
			index := uint32(0)
			if pass == 0 && slice == 0 {
				index = 2
			}
			blind := pass == 0 && slice < syncPoints/2
			if blind {
				a.enter(slice)
			}
			for ; index < segment; index++ {
				at := slice*segment + index
				previous := (at + length - 1) % length
				random := r[previous][0]
				if blind {
					random = a.at(index)
				}
				other := &r[indexAlpha(random, length, segment, 1, pass, slice, 0, index)]
				if pass == 0 {
					processBlock(&r[at], &r[previous], other)
				} else {
					processBlockXOR(&r[at], &r[previous], other)
				}
			}
		}
	}
}

// addresses says which block comes into which, where that may not depend on the
// password (RFC 9106, section 3.4.1.2).
type addresses struct {
	passes, length   uint32
	input, now, none block
}

// enter begins with a slice of the first pass.
func (a *addresses) enter(slice uint32) {
	a.input = block{2: uint64(slice), 3: uint64(a.length), 4: uint64(a.passes), 5: modeID}
}

// at returns the number of a block: they are made as many at a time as a block holds.
func (a *addresses) at(index uint32) uint64 {
	const each = uint32(len(a.now))
	if counter := uint64(index/each) + 1; a.input[6] != counter {
		a.input[6] = counter
		processBlock(&a.now, &a.input, &a.none)
		processBlock(&a.now, &a.now, &a.none)
	}
	return a.now[index%each]
}
