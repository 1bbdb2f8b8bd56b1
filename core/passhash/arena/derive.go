package arena

import (
	"crypto/subtle"
	"encoding/binary"
	"sync"
	_ "unsafe" // for go:linkname

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/blake2b"
)

// What follows is the library's: its authors have been asked to take memory from
// the caller (golang/go issue 36634) and have not done so yet. Should a release
// name or shape them otherwise, the program does not link, or its tests fail, or
// usable says no, whichever comes first.

// block is 1 KiB.
type block [128]uint64

// modeID is argon2id's number (RFC 9106, section 3.2).
const modeID = 2

//go:linkname initHash golang.org/x/crypto/argon2.initHash
func initHash(password, salt, key, data []byte, time, memory, threads, keyLen uint32, mode int) [blake2b.Size + 8]byte

//go:linkname blake2bHash golang.org/x/crypto/argon2.blake2bHash
func blake2bHash(out, in []byte)

//go:linkname processBlocks golang.org/x/crypto/argon2.processBlocks
func processBlocks(blocks []block, time, memory, threads uint32, mode int)

//go:linkname extractKey golang.org/x/crypto/argon2.extractKey
func extractKey(blocks []block, memory, threads, keyLen uint32) []byte

// syncPoints is how many slices a pass has.
const syncPoints = 4

// derive derives in r, which holds zeros.
func derive(r region, password, salt []byte, time, memory, threads, length uint32) []byte {
	seed := initHash(password, salt, nil, nil, time, memory, threads, length, modeID)
	memory = memory / (syncPoints * threads) * (syncPoints * threads)
	for lane := range threads {
		for column := range uint32(2) {
			begin(&r[lane*(memory/threads)+column], seed, lane, column)
		}
	}
	if threads == 1 {
		fill(r[:memory], time)
	} else {
		processBlocks(r[:memory], time, memory, threads, modeID)
	}
	return extractKey(r[:memory], memory, threads, length)
}

// begin fills one of the two blocks that each lane begins with (RFC 9106, section
// 3.2, steps 3 and 4).
func begin(b *block, seed [blake2b.Size + 8]byte, lane, column uint32) {
	binary.LittleEndian.PutUint32(seed[blake2b.Size:], column)
	binary.LittleEndian.PutUint32(seed[blake2b.Size+4:], lane)
	var text [len(b) * 8]byte
	blake2bHash(text[:], seed[:])
	for i := range b {
		b[i] = binary.LittleEndian.Uint64(text[8*i:])
	}
}

// usable reports whether derive does what the library does, in one lane and in
// several. It is asked once in a process (about 1 ms), so that a library that changed
// in silence makes derivations slower and not wrong.
var usable = sync.OnceValue(func() bool {
	const long = 4 * 140 // a lane of more blocks in a slice than addresses are made at a time
	return agrees(1, long) && agrees(3, 3*8)
})

func agrees(threads, kib uint32) bool {
	password, salt := []byte("password"), []byte("somesalt")
	want := argon2.IDKey(password, salt, 2, kib, uint8(threads), 32) //nolint:gosec // a few
	return subtle.ConstantTimeCompare(derive(make(region, kib), password, salt, 2, kib, threads, 32), want) == 1
}
