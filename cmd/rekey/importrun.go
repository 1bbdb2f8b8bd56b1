package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"rekey/cmd/rekey/records"
	"rekey/core"
)

const (
	importBatch   = 1000 // records in one commit
	importFlights = 3    // commits at once: of more the database makes no more
)

// importRun is one import on its way. Batches that have no name in common are
// judged and committed at once; what they did is told in the file's order.
type importRun struct {
	importer *core.Importer
	tenant   core.TenantID
	reader   records.Reader
	report   io.Writer
	full     bool // report what was kept, too
	progress progress

	batch   []records.Record
	flights []*flight
	tally   map[core.Intent]int
	read    int
	skipped int
}

// flight is a batch that is being imported.
type flight struct {
	records  []records.Record
	names    map[core.Key]bool
	verdicts []core.Verdict
	err      error
	landed   chan struct{}
}

func newImportRun(i *installation, o importing, reader records.Reader, report io.Writer, p progress) *importRun {
	return &importRun{
		importer: &core.Importer{
			Service: i.passwords, Intake: i.db, Hashes: i.pool, Origin: byOperator,
			MergeByEmail: o.mergeBy == "email", DryRun: o.dryRun,
		},
		tenant: core.TenantID(o.tenant), reader: reader, report: report, full: o.report != "", progress: p,
		tally: map[core.Intent]int{},
	}
}

// all imports everything. What is being committed when it fails is waited for.
func (r *importRun) all(ctx context.Context) error {
	err := r.readAll(ctx)
	if err == nil {
		err = r.launch(ctx)
	}
	for len(r.flights) > 0 {
		if failed := r.land(); failed != nil {
			err = errors.Join(err, failed)
		}
	}
	r.progress.end(r.counts())
	return err
}

func (r *importRun) readAll(ctx context.Context) error {
	for {
		record, err := r.reader.Next(ctx)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return errors.Join(problemf("%v; what was read before is in", err), r.launch(ctx))
		case ctx.Err() != nil:
			return problemf("stopped; what is counted is in, and the same command goes on with the rest")
		}
		if record.Tenant == "" {
			record.Tenant = r.tenant
		} else if r.tenant != "" && record.Tenant != r.tenant && record.Fault == nil {
			record.Fault = &records.Fault{Field: "tenant", Why: "is another one than --tenant's"}
		}
		if len(r.batch) == importBatch || len(r.batch) > 0 && r.batch[0].Tenant != record.Tenant {
			if err := r.launch(ctx); err != nil {
				return err
			}
		}
		r.batch = append(r.batch, record)
	}
}

// launch imports the batch beside those on their way, once none of them has a
// name of it and there are not too many.
func (r *importRun) launch(ctx context.Context) error {
	f := &flight{records: r.batch, names: map[core.Key]bool{}, landed: make(chan struct{})}
	r.batch = nil
	var accounts []core.Account
	for _, record := range f.records {
		if record.Fault == nil && record.Skipped == "" {
			accounts = append(accounts, record.Account)
			for _, key := range append(record.Account.Keys(), core.Key{Kind: core.KeyID, Value: string(record.Account.ID)}) {
				f.names[key] = record.Account.ID != "" || key.Kind != core.KeyID
			}
		}
	}
	for len(r.flights) > 0 && (len(r.flights) >= importFlights || r.importer.DryRun || r.meets(f)) {
		if err := r.land(); err != nil {
			return err
		}
	}
	r.flights = append(r.flights, f)
	go func() {
		defer close(f.landed)
		if len(accounts) > 0 {
			f.verdicts, f.err = r.importer.Import(ctx, f.records[0].Tenant, accounts)
		}
	}()
	return nil
}

func (r *importRun) meets(f *flight) bool {
	for _, other := range r.flights {
		for key, is := range f.names {
			if is && other.names[key] {
				return true
			}
		}
	}
	return false
}

// land waits for the first flight and tells what it did.
func (r *importRun) land() error {
	f := r.flights[0]
	r.flights = r.flights[1:]
	<-f.landed
	if f.err != nil {
		return f.err
	}
	next := 0
	for _, record := range f.records {
		r.read++
		switch {
		case record.Skipped != "":
			r.skipped++
			say(r.report, "%s %d: skipped: it %s", r.reader.What(), record.Number, record.Skipped)
		case record.Fault != nil:
			r.tally[core.Refused]++
			say(r.report, "%s %d: refused: %v", r.reader.What(), record.Number, record.Fault)
		default:
			r.tell(record, f.verdicts[next])
			next++
		}
	}
	r.progress.tell(r.counts())
	return nil
}

func (r *importRun) tell(record records.Record, v core.Verdict) {
	r.tally[v.Fate]++
	switch {
	case v.Fate == core.Refused:
		say(r.report, "%s %d: refused: %s", r.reader.What(), record.Number, wordRefusal(v.Refusal))
	case v.Refusal.Reason != "" && r.full:
		say(r.report, "%s %d: %s: %s", r.reader.What(), record.Number, v.Fate, wordRefusal(v.Refusal))
	}
}

func (r *importRun) counts() counts { return counts{read: r.read, refused: r.tally[core.Refused]} }

// sum prints what became of everything that was read.
func (r *importRun) sum(command *cobra.Command) {
	for _, path := range r.reader.Missing() {
		say(command.ErrOrStderr(), "no %s has a value at %s", r.reader.What(), path)
	}
	if r.importer.DryRun {
		say(command.OutOrStdout(), "dry run: nothing was written")
	}
	for _, fate := range core.Intents() {
		say(command.OutOrStdout(), "%s %d", fate, r.tally[fate])
	}
	if r.skipped > 0 {
		say(command.OutOrStdout(), "skipped %d", r.skipped)
	}
}
