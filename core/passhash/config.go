package passhash

import (
	"fmt"
	"slices"

	"rekey/core/passhash/arena"
)

// Config says how new hashes are made and how many derivations run at once.
type Config struct {
	// Scheme makes new hashes: argon2id, or bcrypt where another system
	// reads them. Every accepted hash is verified under either.
	Scheme Scheme `key:"scheme"`

	// Argon2id is the cost of argon2id. The password history has it under
	// either scheme.
	Argon2id Argon2Cost `key:"argon2id"`

	// Bcrypt is the cost of bcrypt.
	Bcrypt BcryptCost `key:"bcrypt"`

	// Workers is how many derivations run at once, each with its own memory;
	// 0 for one per core.
	Workers int `key:"workers"`

	// Queue is how many callers may wait for a worker. Further ones are
	// refused at once.
	Queue int `key:"queue"`
}

// Scheme names what makes new hashes.
type Scheme string

// The closed set of schemes.
const (
	Argon2id Scheme = "argon2id"
	Bcrypt   Scheme = "bcrypt"
)

// Argon2Cost is the cost of one argon2id derivation.
type Argon2Cost struct {
	Memory      int `key:"memory"`      // in KiB
	Iterations  int `key:"iterations"`  // passes over the memory
	Parallelism int `key:"parallelism"` // threads of one derivation
}

// BcryptCost is the cost of one bcrypt derivation.
type BcryptCost struct {
	Cost int `key:"cost"` // doubles the time with each step
}

// Default returns OWASP's choice of argon2id (about 25 ms). Bcrypt has cost
// 12 (about 250 ms), to which PHP raised its own default in 2024; OWASP's
// least, 10, is for installations that change very many passwords.
func Default() Config {
	return Config{
		Scheme:   Argon2id,
		Argon2id: Argon2Cost{Memory: 19456, Iterations: 2, Parallelism: 1},
		Bcrypt:   BcryptCost{Cost: 12},
		Queue:    64,
	}
}

// ForTests returns a configuration whose derivations cost next to nothing and
// protect nothing. [Config.Validate] refuses it; [New] does not.
func ForTests() Config {
	c := Default()
	c.Argon2id = Argon2Cost{Memory: 64, Iterations: 1, Parallelism: 1}
	c.Bcrypt = BcryptCost{Cost: bcrypt2a.params[0].min}
	return c
}

// OutsideHeap returns how many bytes of a pool's memory the collector does not see.
// Workers is not 0.
func (c Config) OutsideHeap() int64 { return arena.Outside(c.Workers, c.Argon2id.Memory) }

// MaxBytes returns how many bytes of a password the scheme takes; 0 if all.
// It is for [core.Policy].
func (c Config) MaxBytes() int {
	if m, ok := makers[c.Scheme]; ok {
		return m.maxBytes
	}
	return 0
}

// NoNUL reports whether the scheme refuses a NUL. It is for [core.Policy].
func (c Config) NoNUL() bool {
	m, ok := makers[c.Scheme]
	return ok && m.noNUL
}

// The least argon2id memory in KiB for 1, 2, … iterations, and the least
// bcrypt cost: OWASP's Password Storage Cheat Sheet.
var argon2Floors = []int{47104, 19456, 12288, 9216, 7168}

// Argon2Floors returns the least memory in KiB for 1, 2, … iterations, by
// OWASP's Password Storage Cheat Sheet. With more iterations the last one holds.
func Argon2Floors() []int { return slices.Clone(argon2Floors) }

// The most that the parameters of argon2id may be: memory in KiB, and memory by
// iterations.
const (
	MaxArgon2Memory     = 1 << 18
	MaxArgon2Iterations = 64
	MaxArgon2Work       = 1 << 20
)

const bcryptFloor = 10

// Validate reports every problem under its key in the section, and changes
// nothing. It holds the costs to OWASP's floors, also those that the scheme
// does not use, and to the bounds that stored hashes have.
func (c Config) Validate(report func(key, problem string)) {
	if _, ok := makers[c.Scheme]; !ok {
		report("scheme", fmt.Sprintf("choose %s or %s", Argon2id, Bcrypt))
	}
	a := c.Argon2id
	floor := argon2Floors[min(max(a.Iterations, 1), len(argon2Floors))-1]
	for _, v := range []struct {
		key      string
		value    int
		min, max int
		hint     string
	}{
		{"argon2id.memory", a.Memory, floor, argon2id.params[0].max, " KiB for this number of iterations"},
		{"argon2id.iterations", a.Iterations, 1, argon2id.params[1].max, ""},
		{"argon2id.parallelism", a.Parallelism, 1, argon2id.params[2].max, ""},
		{"bcrypt.cost", c.Bcrypt.Cost, bcryptFloor, bcrypt2a.params[0].max, ""},
		{"workers", c.Workers, workerSpan.min, workerSpan.max, "; 0 is one per core"},
		{"queue", c.Queue, queueSpan.min, queueSpan.max, ""},
	} {
		if v.value < v.min || v.value > v.max {
			report(v.key, fmt.Sprintf("choose %d to %d%s", v.min, v.max, v.hint))
		}
	}
	m, t := argon2id.params[0], argon2id.params[1]
	if m.has(a.Memory) && t.has(a.Iterations) && a.Memory*a.Iterations > argon2id.maxWork {
		report("argon2id.iterations", fmt.Sprintf("choose at most %d with this memory", argon2id.maxWork/a.Memory))
	}
}
