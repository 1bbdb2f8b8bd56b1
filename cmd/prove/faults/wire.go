package faults

import (
	"errors"
	"time"

	"rekey/store/pgtest/cluster"
)

// onWire lists the faults between rekey and PostgreSQL.
func onWire() []Fault {
	return []Fault{
		{"postgres slow", through(weather{delay: 10 * time.Millisecond}, func(s *stage) { s.serves = true })},
		{"postgres throttled", through(weather{rate: 32 << 10}, func(s *stage) { s.serves = true })},
		{"postgres stalled", through(weather{stall: true}, func(s *stage) { s.unready, s.refuses = true, true })},
		{"postgres demoted", demoted},
		{"cut before a commit", through(weather{cut: cutBefore}, func(s *stage) { s.refuses, s.serves = true, true })},
		{"cut within a commit", through(weather{cut: cutWithin}, func(s *stage) { s.refuses, s.serves = true, true })},
		{"cut after a commit", through(weather{cut: cutAfter}, func(s *stage) { s.refuses, s.serves = true, true })},
	}
}

// through puts a proxy before PostgreSQL, whose weather is the fault.
func through(bad weather, expect func(*stage)) func(*stage) error {
	return func(s *stage) error {
		p, _, err := s.newProxied()
		if err != nil {
			return err
		}
		s.harm = func() error { p.turn(bad); return nil }
		s.heal = func() error { p.turn(weather{}); return nil }
		s.felt = func() bool { return p.waited.Load()+p.cuts.Load() > 0 }
		s.made = func(refused int) (least, most int) {
			switch cuts := int(min(p.cuts.Load(), p.most)); bad.cut {
			case cutAfter:
				return cuts, refused
			case cutBefore, cutWithin:
				return 0, refused - cuts
			case cutNever:
			}
			return 0, refused
		}
		expect(s)
		return nil
	}
}

// demoted is a PostgreSQL that is a standby all of a sudden: the address leads
// to another server.
func demoted(s *stage) error {
	p, primary, err := s.newProxied()
	if err != nil {
		return err
	}
	standby, err := primary.Standby("standby", cluster.Options{Durable: true, TCP: true})
	if err != nil {
		return err
	}
	s.atEnd(standby.Remove)
	lead := func(to string) func() error {
		return func() error { p.lead(to); return nil }
	}
	s.harm, s.heal = lead(standby.Address()), lead(primary.Address())
	s.unready, s.refuses = true, true
	return nil
}

// newProxied starts PostgreSQL and a proxy before it.
func (s *stage) newProxied() (*proxy, *cluster.Cluster, error) {
	c, err := s.newCluster(cluster.Options{TCP: true})
	if err != nil {
		return nil, nil, err
	}
	p, err := newProxy(c.Address(), s.accounts/3)
	if err != nil {
		return nil, nil, err
	}
	s.atEnd(func() error { return errors.Join(p.close()) })
	s.dsn = "postgres://rekey@" + p.address() + "/" + database + "?sslmode=disable"
	return p, c, nil
}
