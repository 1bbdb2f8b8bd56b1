package main

import (
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rekey/cmd/rekey/trail"
	"rekey/config"
	"rekey/core/audit"
)

// sealGrace is how long an event may wait for its seal beyond audit.seal_every.
const sealGrace = 10 * time.Second

// verifying is what the flags of verify say.
type verifying struct {
	file    string
	anchors []string
	head    bool
	keptFor time.Duration
}

func newAuditVerify() *cobra.Command {
	var v verifying
	command := &cobra.Command{
		Use:   "verify",
		Short: "Find what was removed from the trail, added or altered",
		Long: `Hold every event to its seal and every seal to the one before, and name each event
and batch that was removed, added or altered since it was sealed. It exits with 1 if
there is anything, and also if events wait for their seal for too long.

Who can write to the database can replace all seals from some batch on, if they are
not keyed (sealing.keys), and can cut off the end of the trail in any case. Both show
if the trail is held to an anchor: a batch's number and digest, kept where they cannot
write. "--head" prints the present one; each seal's is in the server's log, too.`,
		Example: `  rekey audit verify
  rekey audit verify --head >> /mnt/elsewhere/anchors
  rekey audit verify --anchor "$(tail -n 1 /mnt/elsewhere/anchors)"
  rekey audit verify --file trail.jsonl
  gunzip -c trail.jsonl.gz | rekey audit verify --file -`,
		Args: cobra.NoArgs,
	}
	flags := command.Flags()
	flags.StringVar(&v.file, "file", "", "verify this `file` of rekey audit export instead of the database; - is standard input")
	flags.StringArrayVar(&v.anchors, "anchor", nil, "hold the trail to this `SEQ:DIGEST`; may be repeated")
	flags.BoolVar(&v.head, "head", false, "print the last seal's SEQ:DIGEST alone, if the trail holds")
	flags.DurationVar(&v.keptFor, "kept-for", 0, "how long events were kept when they were last pruned, if not retention.events")
	return configured(command, func(cfg config.Config, _ []string) error { return v.run(command, cfg) })
}

func (v verifying) run(command *cobra.Command, cfg config.Config) error {
	check, err := v.check(cfg)
	if err != nil {
		return err
	}
	out := command.OutOrStdout()
	if v.head {
		out = command.ErrOrStderr()
	}
	found := func(f audit.Finding) { say(out, "%s", visible(f.String())) }
	verify := v.database
	if v.file != "" {
		verify = v.read
	}
	r, err := verify(command, cfg, check, found)
	if err != nil {
		return err
	}
	conclude(out, r)
	if r.Findings > 0 {
		return problemf("the trail does not hold: %d findings", r.Findings)
	}
	if v.head && r.Head.Seq > 0 {
		say(command.OutOrStdout(), "%s", r.Head)
	}
	return nil
}

func (v verifying) check(cfg config.Config) (*audit.Check, error) {
	var anchors []audit.Anchor
	for _, text := range v.anchors {
		a, err := audit.ParseAnchor(text)
		if err != nil {
			return nil, problemf("--anchor: write SEQ:DIGEST, as --head prints it")
		}
		anchors = append(anchors, a)
	}
	sealer, err := newSealer(cfg.Sealing)
	keep := cfg.Retention.Events
	if v.keptFor > 0 {
		keep = v.keptFor
	}
	return audit.NewCheck(sealer, keep, time.Now(), anchors...), err
}

func (verifying) database(command *cobra.Command, cfg config.Config, check *audit.Check, found func(audit.Finding)) (audit.Result, error) {
	i, err := install(command.Context(), cfg, command.ErrOrStderr())
	if err != nil {
		return audit.Result{}, err
	}
	defer func() { _ = i.Close() }()
	progress := newSealProgress(command.ErrOrStderr())
	defer progress.end()
	v := audit.Verification{Trail: i.db, Check: check, Found: found, Progress: progress.tell}
	if cfg.Audit.Sealed() {
		v.Sealed = time.Now().Add(-cfg.Audit.SealEvery - sealGrace).Truncate(time.Microsecond)
	}
	return v.Run(command.Context())
}

func (v verifying) read(command *cobra.Command, _ config.Config, check *audit.Check, found func(audit.Finding)) (audit.Result, error) {
	in := command.InOrStdin()
	if v.file != "-" {
		file, err := os.Open(v.file)
		if err != nil {
			return audit.Result{}, problemf("--file: %v", err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	r, err := trail.Verify(in, check, found)
	if err != nil {
		return r, problemf("--file: %v", err)
	}
	return r, nil
}

// conclude says what was seen, and what that does not show.
func conclude(out io.Writer, r audit.Result) {
	say(out, "%d batches with %d events verified, %d findings", r.Seals, r.Rows, r.Findings)
	for _, note := range []struct {
		n    int64
		text string
	}{
		{r.Pruned, "%d batches are pruned; their seals hold the chain together"},
		{r.Omitted, "%d events were left out by the export's filter: nobody can tell from this file whether others were"},
		{r.Unsealed, "%d events or more wait for their seal: they are not verified"},
		{r.Plain, "%d seals have no MAC: who can write to the database could have made them anew; see --anchor"},
		{r.Hidden, "%d seals have a MAC that was not checked: no sealing key is configured"},
	} {
		if note.n > 0 {
			say(out, note.text, note.n)
		}
	}
	if r.Head.Seq > 0 {
		say(out, "head %s", r.Head)
	}
}
