package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"rekey/core"
)

// place is where SQLite's files lie. The kernel lets a program go on writing to
// a file that somebody has moved or deleted, and SQLite in WAL mode does not
// look: what was acknowledged then would be gone with the process.
type place struct {
	files map[string]os.FileInfo // by path
	held  *sql.Conn              // while it is open, SQLite itself removes none of them
}

// newPlace remembers the files of the database at path, which is open.
func newPlace(ctx context.Context, pool *sql.DB, path string) (p *place, err error) {
	p = &place{files: map[string]os.FileInfo{}}
	if p.held, err = pool.Conn(ctx); err != nil {
		return nil, err
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if p.files[name], err = os.Stat(name); err != nil {
			return nil, errors.Join(err, p.held.Close())
		}
	}
	return p, nil
}

// kept returns Unavailable unless the files are those that were opened. A file
// that is moved back is; another in its place is not, whatever it holds: only
// an operator, by a restart, can want that. About 3 µs.
func (p *place) kept() error {
	if p == nil { // PostgreSQL looks after its own
		return nil
	}
	for name, opened := range p.files {
		if found, err := os.Stat(name); err != nil || !os.SameFile(opened, found) {
			return &core.Error{Code: core.Unavailable, Err: fmt.Errorf("%s was moved, deleted or replaced: put it back, or start again", name)}
		}
	}
	return nil
}

func (p *place) close() error {
	if p == nil {
		return nil
	}
	return p.held.Close()
}
