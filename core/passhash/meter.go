package passhash

import "time"

// Meter is told how long derivations take. Its functions are called by many
// goroutines at once and keep a worker while they run, so they must be quick.
type Meter struct {
	Now     func() time.Time
	Waited  func(time.Duration) // by one caller for a worker, whether or not it got one
	Derived func(time.Duration) // by one derivation on its worker
}

// Measure makes the pool tell m from now on. Call it before the pool is used.
// It costs two readings of the clock for each wait and each derivation.
func (p *Pool) Measure(m Meter) { p.queue.meter = &m }

// waited begins a wait and returns what ends it.
func (m *Meter) waited() func() {
	if m == nil {
		return func() {}
	}
	begun := m.Now()
	return func() { m.Waited(m.Now().Sub(begun)) }
}

// derived begins a derivation and returns what ends it.
func (m *Meter) derived() func() {
	if m == nil {
		return func() {}
	}
	begun := m.Now()
	return func() { m.Derived(m.Now().Sub(begun)) }
}
