package faults

import (
	"errors"
	"fmt"
	"os"
)

// Fault is one way to break a database.
type Fault struct {
	Name string
	set  func(s *stage) error
}

// All lists the faults in the order in which they are tried.
func All() []Fault {
	return append(onSQLite(), append(onPostgres(), onWire()...)...)
}

// stage is a database that can be broken and healed.
type stage struct {
	dir      string // of its own, which other users may enter
	accounts int
	dsn      string
	harm     func() error
	heal     func() error
	behind   func() error // looks at the database when it is healed; may be nil
	felt     func() bool  // whether the fault has met anybody yet; may be nil

	// made returns how many of the changes that were answered 503 must have been
	// made; may be nil.
	made func(refused int) (least, most int)

	unready bool // readiness must turn false
	refuses bool // changes must be refused with 503
	serves  bool // changes must be acknowledged all the same

	ends []func() error // in reverse
}

// ErrPrivilege says what the machine does not let the harness do.
var ErrPrivilege = errors.New("this machine does not permit it")

// newStage sets the scene for the fault. The caller strikes it, also after an
// error.
func newStage(f Fault, accounts int) (s *stage, err error) {
	s = &stage{accounts: accounts}
	if s.dir, err = os.MkdirTemp("", "rekey-fault-"); err != nil {
		return s, err
	}
	s.atEnd(func() error { return os.RemoveAll(s.dir) })
	if err := os.Chmod(s.dir, 0o755); err != nil { //nolint:gosec // PostgreSQL runs as another user
		return s, err
	}
	if err := f.set(s); err != nil {
		return s, fmt.Errorf("set the stage: %w", err)
	}
	return s, nil
}

// atEnd notes what to do when the stage is struck.
func (s *stage) atEnd(do func() error) { s.ends = append(s.ends, do) }

// strike leaves nothing behind.
func (s *stage) strike() error {
	var errs []error
	for k := len(s.ends) - 1; k >= 0; k-- {
		errs = append(errs, s.ends[k]())
	}
	return errors.Join(errs...)
}
