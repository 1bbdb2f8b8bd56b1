package passhash

import "io"

// Renew returns a pool that hashes by another configuration and shares p's
// workers and its queue, so that both together derive no more at once than either
// alone, and its memory if that is of the same size. It keeps p's number of workers and places until [Pool.Resize]. It fails as
// [NewPeppered] does.
func (p *Pool) Renew(c Config, random io.Reader, pepper Pepper) (*Pool, error) {
	renewed, err := NewPeppered(c, random, pepper)
	if err != nil {
		return nil, err
	}
	renewed.queue = p.queue
	if renewed.config.Workers == p.config.Workers && renewed.config.Argon2id.Memory == p.config.Argon2id.Memory {
		renewed.means.memory = p.means.memory
	}
	return renewed, nil
}

// Resize gives the workers and the queue that p shares the sizes of p's
// configuration. Derivations that run are not cut short, and callers that wait are
// not sent away: where there are fewer places now, they leave first.
func (p *Pool) Resize() { p.queue.resize(p.config.Workers, p.config.Queue) }
