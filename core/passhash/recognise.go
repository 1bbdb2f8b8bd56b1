package passhash

import (
	"rekey/core"
)

// Recognise implements [core.Hasher] by [Pool.Canonical].
func (p *Pool) Recognise(foreign core.Secret) (string, error) {
	canonical, err := p.Canonical(foreign.Reveal())
	if err != nil {
		return "", &core.Error{Code: core.Invalid, Fields: []string{"hash"}, Err: err}
	}
	return canonical, nil
}

// Outdated implements [core.Hasher]. Within one scheme it goes by the work, so
// that a lower cost weakens no hash. What a scheme cut off, and what the new one
// would refuse, stays as it is: a new hash would be of another password.
func (p *Pool) Outdated(password core.Password, stored string) bool {
	h, err := Parse(stored)
	if err != nil || len(p.policy.Check(password)) > 0 || h.algorithm.cuts(password) {
		return false
	}
	fresh := p.fresh.blank(p.config, make([]byte, saltBytes))
	if h.algorithm != fresh.algorithm || h.keyID != fresh.keyID {
		return true
	}
	return h.work() < fresh.work() || len(h.salt) < len(fresh.salt) || len(h.key) < len(fresh.key)
}

// cuts reports whether the algorithm sees less than the whole password.
func (a *algorithm) cuts(password core.Password) bool {
	n := len(password.Reveal())
	return a.maxBytes > 0 && n > a.maxBytes || a.longest > 0 && n > a.longest
}

func (h Hash) work() int { return h.algorithm.work(h.params, len(h.key)) }
