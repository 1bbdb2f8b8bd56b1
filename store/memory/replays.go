package memory

import (
	"context"
	"time"

	"rekey/core"
)

var _ core.Replays = (*Store)(nil)

// BeginRequest implements [core.Replays].
func (s *Store) BeginRequest(ctx context.Context, now time.Time, r core.Replay) (core.Replay, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return core.Replay{}, false, err
	}
	if kept, ok := s.replays[r.Key]; ok && kept.Expires.After(micro(now)) {
		return kept, false, nil
	}
	r.Expires = micro(r.Expires)
	s.replays[r.Key] = r
	return core.Replay{}, true, nil
}

// AnswerRequest implements [core.Replays].
func (s *Store) AnswerRequest(ctx context.Context, begun time.Time, r core.Replay) error {
	return s.settleReplay(ctx, begun, r.Key, func(kept core.Replay) {
		kept.Answer, kept.Expires = r.Answer, micro(r.Expires)
		s.replays[r.Key] = kept
	})
}

// ForgetRequest implements [core.Replays].
func (s *Store) ForgetRequest(ctx context.Context, begun time.Time, key string) error {
	return s.settleReplay(ctx, begun, key, func(core.Replay) { delete(s.replays, key) })
}

func (s *Store) settleReplay(ctx context.Context, begun time.Time, key string, do func(core.Replay)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if kept, ok := s.replays[key]; ok && kept.Answer == "" && kept.Expires.Equal(micro(begun)) {
		do(kept)
	}
	return nil
}
