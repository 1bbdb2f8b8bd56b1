package faults

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
)

// onSQLite lists the faults of SQLite's file.
func onSQLite() []Fault {
	return []Fault{
		{"sqlite disk full", sqliteFull},
		{"sqlite read-only", sqliteFrozen},
		{"sqlite moved away", moved("", "-wal", "-shm")},
		{"sqlite's log deleted", moved("-wal")},
		{"sqlite locked", sqliteLocked},
	}
}

func sqliteFull(s *stage) error {
	disk, err := s.smallDisk(8 << 20)
	if err != nil {
		return err
	}
	s.dsn = "sqlite:" + filepath.Join(disk, "rekey.db")
	s.harm = func() error { return fill(disk) }
	s.heal = func() error { return drain(disk) }
	s.unready, s.refuses = true, true
	return nil
}

func sqliteFrozen(s *stage) error {
	probe := filepath.Join(s.dir, "probe")
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		return err
	}
	if err := errors.Join(freeze(probe), thaw(probe)); err != nil {
		return err
	}
	path := filepath.Join(s.dir, "rekey.db")
	s.dsn = "sqlite:" + path
	s.harm = func() error { return freeze(path, path+"-wal") }
	s.heal = func() error { return thaw(path, path+"-wal") }
	s.atEnd(func() error {
		_ = thaw(path, path+"-wal") // the log may be gone, with the last who had it open
		return nil
	})
	s.unready, s.refuses = true, true
	return nil
}

// moved moves the database's files of these endings away, and back.
func moved(suffixes ...string) func(*stage) error {
	return func(s *stage) error {
		path := filepath.Join(s.dir, "rekey.db")
		s.dsn = "sqlite:" + path
		rename := func(from, to string) error {
			var errs []error
			for _, suffix := range suffixes {
				errs = append(errs, os.Rename(from+suffix, to+suffix))
			}
			return errors.Join(errs...)
		}
		s.harm = func() error { return rename(path, path+".away") }
		s.heal = func() error { return rename(path+".away", path) }
		s.unready, s.refuses = true, true
		return nil
	}
}

// sqliteLocked is another program that has begun to write, and takes its time.
func sqliteLocked(s *stage) error {
	path := filepath.Join(s.dir, "rekey.db")
	s.dsn = "sqlite:" + path
	other, err := sql.Open("sqlite", path+"?_txlock=immediate&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	s.atEnd(other.Close)
	var tx *sql.Tx
	s.harm = func() (err error) {
		tx, err = other.BeginTx(context.Background(), nil)
		return err
	}
	s.heal = func() error { return errors.Join(tx.Rollback(), other.Close()) }
	s.unready, s.refuses = true, true
	return nil
}
