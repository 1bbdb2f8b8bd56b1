package main

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"rekey/config"
	"rekey/config/load"
	"rekey/store"
)

// patient is the installation that is examined.
type patient struct {
	cfg      config.Config // what could be read of it
	problems load.Problems
	replicas int // 0 if nobody knows

	db    *store.DB
	facts store.Facts
	asked time.Time // when the facts were had, by this clock
	err   error     // why there is no db, or there are no facts
}

// read reads the configuration. With problems, what could be read is examined all
// the same.
func (p *patient) read(file string) {
	var sources []load.Source
	if file != "" {
		sources = append(sources, load.File(file))
	}
	var problems load.Problems
	if p.cfg, problems = config.Load(config.Default(), environ(), sources...); len(problems) > 0 {
		p.problems = problems
		p.cfg = config.Default()
		_ = load.Into(&p.cfg, load.Options{Sources: sources, Environ: environ(), Prefix: config.EnvPrefix})
	}
}

// connect asks the database once for all checks, within the time. stop closes it.
func (p *patient) connect(ctx context.Context, patience time.Duration) (stop func()) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p.db, p.err = store.Examine(ctx, store.Options{DSN: p.cfg.Store.DSN.Reveal(), MaxConns: 3})
	if p.err != nil {
		return func() {}
	}
	p.ask(ctx)
	return func() { _ = p.db.Close() }
}

// ask asks the database what several checks want to know.
func (p *patient) ask(ctx context.Context) {
	p.facts, p.err = p.db.Facts(ctx)
	p.asked = time.Now()
}

// unborn reports whether the database is a file that the first start makes.
func (p *patient) unborn() bool { return errors.Is(p.err, fs.ErrNotExist) }

// skipped is what a check says that needs the database.
func (p *patient) skipped() []finding {
	if p.unborn() {
		return ok("there is no database yet")
	}
	return one(warning, "not examined, for the database cannot be asked", "mend the database first")
}
