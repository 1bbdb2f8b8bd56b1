package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"rekey/core"
)

var _ core.Outbox = (*Store)(nil)

// message is one that is not done.
type message struct {
	core.Message
	buried   bool
	buriedAt time.Time
}

// Enqueue implements [core.Outbox].
func (s *Store) Enqueue(ctx context.Context, e core.Event, messages ...core.Message) error {
	return s.commit(ctx, e, func() error {
		if !s.fresh(messages) {
			return core.Internal
		}
		s.enqueue(messages)
		return nil
	})
}

// fresh reports whether no two messages, kept or given, have one id, and neither
// have two deliveries.
func (s *Store) fresh(messages []core.Message) bool {
	type key struct {
		id       core.MessageID
		delivery bool
	}
	ids := map[key]bool{}
	for _, d := range s.deliveries {
		ids[key{d.ID, true}] = true
	}
	for _, m := range messages {
		_, taken := s.messages[m.ID]
		k := key{m.ID, m.Endpoint != ""}
		if ids[k] || taken && !k.delivery {
			return false
		}
		ids[k] = true
	}
	return true
}

func (s *Store) enqueue(messages []core.Message) {
	for _, m := range messages {
		if m.Endpoint != "" {
			s.deliver(m)
			continue
		}
		m.Due, m.Facts = micro(m.Due), maps.Clone(m.Facts)
		s.messages[m.ID] = message{Message: m}
	}
}

// Claim implements [core.Outbox].
func (s *Store) Claim(ctx context.Context, now, until time.Time, limit int) ([]core.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var due []core.Message
	for _, m := range s.messages {
		if !m.buried && !m.Due.After(micro(now)) {
			due = append(due, m.Message)
		}
	}
	slices.SortFunc(due, func(a, b core.Message) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	due = due[:max(0, min(len(due), limit))]
	for i := range due {
		due[i].Attempts++
		claimed := due[i]
		claimed.Due = micro(until)
		s.messages[claimed.ID] = message{Message: claimed}
		due[i].Facts = maps.Clone(due[i].Facts)
	}
	return due, nil
}

// Finish implements [core.Outbox].
func (s *Store) Finish(ctx context.Context, id core.MessageID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	delete(s.messages, id)
	return nil
}

// Postpone implements [core.Outbox], but for the reason.
func (s *Store) Postpone(ctx context.Context, id core.MessageID, due time.Time, _ string) error {
	return s.alter(ctx, id, func(m *message) { m.Due = micro(due) })
}

// Bury implements [core.Outbox], but for the reason.
func (s *Store) Bury(ctx context.Context, id core.MessageID, at time.Time, _ string) error {
	return s.alter(ctx, id, func(m *message) {
		if !m.buried {
			m.buried, m.buriedAt = true, micro(at)
		}
	})
}

func (s *Store) alter(ctx context.Context, id core.MessageID, do func(m *message)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if m, ok := s.messages[id]; ok {
		do(&m)
		s.messages[id] = m
	}
	return nil
}
