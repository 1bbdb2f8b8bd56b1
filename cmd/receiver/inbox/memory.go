package inbox

import (
	"sync"
	"time"
)

// state is what is known of an id.
type state int

const (
	unknown state = iota
	underWay
	done
)

// memory knows the ids that were taken.
type memory struct {
	keep time.Duration
	now  func() time.Time

	mu     sync.Mutex
	states map[string]state
	oldest []entry // that are done, in the order in which they were
}

type entry struct {
	id string
	at time.Time
}

func newMemory(keep time.Duration, now func() time.Time) *memory {
	return &memory{keep: keep, now: now, states: map[string]state{}}
}

// begin returns the id's state; one that was unknown is under way from now on.
func (m *memory) begin(id string) state {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.oldest) > 0 && m.now().Sub(m.oldest[0].at) > m.keep {
		delete(m.states, m.oldest[0].id)
		m.oldest = m.oldest[1:]
	}
	known := m.states[id]
	if known == unknown {
		m.states[id] = underWay
	}
	return known
}

// end says how it went.
func (m *memory) end(id string, well bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !well {
		delete(m.states, id)
		return
	}
	m.states[id] = done
	m.oldest = append(m.oldest, entry{id, m.now()})
}
