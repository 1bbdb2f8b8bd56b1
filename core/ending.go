package core

import "time"

// Ending is how one call of [Service.Change] ended.
type Ending struct {
	Dialect string // that asked
	At      time.Time
	Took    time.Duration
	Code    Code // "" if the password is changed
}

// ending does a change and tells how it ended. A panic ends it as Internal.
func (s *Service) ending(dialect string, change func() (Receipt, error)) (r Receipt, err error) {
	begun := s.Now()
	err = Internal
	defer func() {
		now := s.Now()
		s.Endings(Ending{Dialect: dialect, At: now, Took: now.Sub(begun), Code: CodeOf(err)})
	}()
	r, err = change()
	return r, err
}
