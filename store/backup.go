package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes what a SQLite file holds at one instant to a new file, which is
// readable by its owner only and gets its name when it is whole and on disk. Others
// may write to the database meanwhile; who writes through db waits. Its schema stays
// as it is. What is there already is [fs.ErrExist]. PostgreSQL has programs for this: [errors.ErrUnsupported].
func (db *DB) Backup(ctx context.Context, path string) error {
	if db.place == nil {
		return errors.ErrUnsupported
	}
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "backup", Path: path, Err: fs.ErrExist}
	}
	part := path + ".part"
	file, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	err = db.copyInto(ctx, file)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return errors.Join(classify(ctx, err), os.Remove(part))
	}
	return syncFolder(filepath.Dir(path))
}

// copyInto fills the empty file. SQLite reads in one transaction, takes no lock that
// writers wait for, and leaves it to us that what it wrote is on disk. The connections
// that read may write to no file.
func (db *DB) copyInto(ctx context.Context, file *os.File) error {
	if err := db.place.kept(); err != nil {
		return err
	}
	if err := patiently(func() error { return db.write.WithContext(ctx).Exec("VACUUM INTO ?", file.Name()).Error }); err != nil {
		return err
	}
	return errors.Join(db.place.kept(), file.Sync())
}

func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
