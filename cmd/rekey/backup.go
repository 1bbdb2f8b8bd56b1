package main

import (
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"rekey/config"
	"rekey/store"
)

func newBackup() *cobra.Command {
	command := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a SQLite database, as it is at one instant, to a new file",
		Long: `Write the SQLite database, as it is at one instant, to a new file, while servers
run on it. The file is readable by its owner only, is there only when it is whole and
on disk, and replaces none. It is as secret as the database.

Not in it are the configuration and its keys: without passwords.pepper.keys nobody can
sign in, without sealing.keys no one-time code holds. Keep them elsewhere.

To restore it, stop every server, move the database's files away, -wal and -shm too,
put the backup in their place, and start. For PostgreSQL use pg_dump.`,
		Example: `  rekey backup --config rekey.yaml "backups/$(date +%F).db"`,
		Args:    cobra.ExactArgs(1),
	}
	return configured(command, func(cfg config.Config, args []string) error {
		db, err := store.Examine(command.Context(), store.Options{DSN: cfg.Store.DSN.Reveal()})
		if errors.Is(err, fs.ErrNotExist) {
			return problemf("there is no database to back up: %v", err)
		}
		if err != nil {
			return err
		}
		err = errors.Join(db.Backup(command.Context(), args[0]), db.Close())
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			return problemf("store.dsn names a PostgreSQL database: use pg_dump, or your service's own backups")
		case errors.Is(err, fs.ErrExist):
			return problemf("%v; name a new file", err)
		case err != nil:
			return problemf("no backup was made: %v", err)
		}
		info, err := os.Stat(args[0])
		if err != nil {
			return err
		}
		say(command.OutOrStdout(), "backed up to %s, %.1f MiB", args[0], float64(info.Size())/(1<<20))
		return nil
	})
}
