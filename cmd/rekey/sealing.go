package main

import (
	"time"

	"rekey/core/audit"
)

// How the trail is sealed. A seal of so many rows takes some milliseconds, for which
// SQLite has no other writer.
const (
	sealBatch = 500
	sealPause = 20 * time.Millisecond
)

// sealing seals what was recorded. Replicas may do so at once: of each batch one
// seals. A line of the log with a seal's digest is an anchor, if the log is kept
// where nobody writes who can write to the database.
func (i *installation) sealing() audit.Sealing {
	return audit.Sealing{
		Trail: i.db, Sealer: i.passwords.Sealer, Now: time.Now,
		Every: i.cfg.Audit.SealEvery, Batch: sealBatch, Pause: sealPause,
		Report: func(s audit.Seal, err error) {
			if err != nil {
				i.log.Warn("the audit trail is not sealed", "error", err.Error())
				return
			}
			i.log.Info("sealed", "events", s.Rows, "anchor", s.Anchor().String())
		},
	}
}
