package bearer

import "maps"

// Inherit takes over the keys that another ring has fetched from the same issuers,
// where this one has none yet: an issuer that is down when a configuration changes
// is no reason to refuse tokens that were good a moment ago. Call it after
// [Ring.Start].
func (r *Ring) Inherit(before *Ring) {
	for id, s := range r.sets {
		if known := before.sets[id]; known != nil {
			s.inherit(known.all())
		}
	}
}

func (s *set) all() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.byKID)
}

func (s *set) inherit(byKID map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKID == nil { // what was fetched since is newer
		s.byKID = byKID
	}
}
