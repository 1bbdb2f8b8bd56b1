package arena_test

import (
	"bytes"
	"fmt"
	"runtime/metrics"
	"sync"
	"testing"

	"golang.org/x/crypto/argon2"

	"rekey/core/passhash/arena"
)

// Whatever the arguments, and whatever was derived in the memory before.
func TestKeysAreThoseOfTheLibrary(t *testing.T) {
	m := arena.NewMemory(1, 3000)
	for _, c := range []struct {
		time, memory uint32
		threads      uint8
		length       uint32
	}{
		{1, 8, 1, 16}, {2, 512, 1, 32}, {1, 64, 1, 32}, {3, 100, 3, 64}, {1, 511, 4, 32}, {2, 512, 16, 17}, {1, 128, 16, 32},
		{2, 3000, 1, 32}, {1, 600, 1, 32}, {3, 2047, 1, 32}, {2, 2048, 2, 32},
		{1, 3001, 1, 32}, // more than there is
	} {
		for n := range 3 {
			password, salt := bytes.Repeat([]byte{'p', 0xff}, n), bytes.Repeat([]byte{byte(n)}, 8+n)
			got := m.Key(password, salt, c.time, c.memory, c.threads, c.length)
			if want := argon2.IDKey(password, salt, c.time, c.memory, c.threads, c.length); !bytes.Equal(got, want) {
				t.Errorf("%+v, %d: got %x, want %x", c, n, got, want)
			}
		}
	}
}

// More at once than there is memory for are derived as well.
func TestKeysAreRightForManyAtOnce(t *testing.T) {
	m := arena.NewMemory(2, 64)
	var deriving sync.WaitGroup
	for k := range 8 {
		deriving.Go(func() {
			for n := range 20 {
				password := fmt.Appendf(nil, "%d of %d", n, k)
				got := m.Key(password, []byte("salt and salt"), 1, 64, 1, 32)
				if want := argon2.IDKey(password, []byte("salt and salt"), 1, 64, 1, 32); !bytes.Equal(got, want) {
					t.Errorf("%s: got %x, want %x", password, got, want)
				}
			}
		})
	}
	deriving.Wait()
}

// BenchmarkKey compares with the library's own memory, in turns.
func BenchmarkKey(b *testing.B) {
	m := arena.NewMemory(1, 19456)
	for _, way := range []struct {
		name string
		key  func(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte
	}{{"kept", m.Key}, {"allocated", argon2.IDKey}} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				way.key([]byte("password"), []byte("salt and salt"), 2, 19456, 1, 32)
			}
		})
	}
}

// Else every derivation would go to the library, and nobody would notice.
func TestMemoryIsUsedAgainAndHoldsNothingMeanwhile(t *testing.T) {
	if !arena.Usable() {
		t.Fatal("the library does not do what it did: derivations are right, but in memory of their own")
	}
	m := arena.NewMemory(2, 64)
	for range 5 {
		m.Key([]byte("password"), []byte("salt and salt"), 1, 63, 1, 32)
	}
	if dirty, regions := m.Dirty(); dirty || regions == 0 || regions > 2 {
		t.Errorf("got %d regions, dirty %t; want 1 or 2 of zeros", regions, dirty)
	}
}

// A goroutine in a derivation wakes other threads, which take turns with it.
func TestOneLaneIsFilledByTheCallerAlone(t *testing.T) {
	m := arena.NewMemory(1, 64)
	m.Key([]byte("password"), []byte("salt and salt"), 1, 64, 1, 32)
	before := created(t)
	for range 100 {
		m.Key([]byte("password"), []byte("salt and salt"), 1, 64, 1, 32)
	}
	if n := created(t) - before; n > 50 {
		t.Errorf("got %d goroutines in 100 derivations", n)
	}
}

// created returns how many goroutines there have been.
func created(t *testing.T) uint64 {
	t.Helper()
	sample := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		t.Fatal("the runtime does not say how many goroutines it made")
	}
	return sample[0].Value.Uint64()
}
