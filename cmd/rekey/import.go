package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"rekey/adapters/builtin"
	"rekey/cmd/rekey/records"
	"rekey/config"
	"rekey/core"
)

// importing is what an operator says of an import.
type importing struct {
	tenant, format, preset, dialect string
	mapping                         []string
	from, dsn                       string
	mergeBy, report                 string
	dryRun                          bool
}

func newImport() *cobra.Command {
	var o importing
	command := &cobra.Command{
		Use:   "import [FILE|-]",
		Short: "Bring accounts of other systems into the directory, with their password hashes",
		Long: `Bring accounts into the directory: from a file, from standard input (-), or from
an Unleash server's database. Their owners keep their passwords: a hash of bcrypt,
argon2, scrypt, pbkdf2 (Django's too), md5crypt, sha256crypt, sha512crypt, {SSHA} or
Firebase's scrypt is verified as it is, and replaced at the first change.

A file has one JSON object a line, one array of them, as mongoexport writes both, or
is CSV whose first line names the columns. What "rekey export" wrote is understood as
it is; of any other file --map says where what is:

  username, email, name      who the user is; one of the first two is required
  hash                       of the password; without one it comes by a reset token
  zap, unleash, ...          what a dialect calls the user; id is that of --dialect
  unleash.role, ...          an attribute
  disabled                   true or false; disabled=!active turns it round
  created_at, password_changed_at, tokens_valid_after
  tenant                     unless -t names it

A record that shares an external id with an account, or has no name that the account
has not, is that account's. With --merge-by email so is one that has its e-mail
address. The account then gets what it lacks. Its password is replaced where both
times of change are known and the record's is the later one, and otherwise kept; it
is disabled where either is. A record is refused that has another username, address
or external id of a dialect than its account, or names of two accounts.

Every 1000 records are one commit, and an account is in it whole or not at all. To
import again changes nothing, so an import that was cut off is gone on with by running
it again: what is there is only looked up. Exits with 2 if records were refused.`,
		Example: `  rekey import -t acme users.json --map 'id=_id.$oid,email=email,hash=password'
  rekey import -t acme users.csv --map username=login,email=mail,hash=pw --merge-by email
  PGPASSWORD=... rekey import -t acme --from unleash --dsn postgres://unleash@db/unleash --dry-run
  rekey export | ssh other rekey import -`,
		Args: cobra.MaximumNArgs(1),
	}
	o.flags(command)
	return configured(command, func(cfg config.Config, args []string) error {
		i, err := install(command.Context(), cfg, command.ErrOrStderr())
		if err != nil {
			return err
		}
		defer func() { _ = i.Close() }()
		return i.takeIn(command, o, args)
	})
}

func (o *importing) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVarP(&o.tenant, "tenant", "t", "", "the `tenant` of the accounts, where the records do not name it")
	flags.StringVar(&o.format, "format", "", "jsonl, json or csv; by the file's name or its first byte unless set")
	flags.StringArrayVar(&o.mapping, "map", nil, "where what is, as `target=field,...`; may be repeated")
	flags.StringVar(&o.preset, "preset", "", "what a `vendor` calls its fields: "+strings.Join(records.Presets(), ", ")+"; --map goes over it")
	flags.StringVar(&o.dialect, "dialect", "", "the `dialect` whose id of the user the target id is")
	flags.StringVar(&o.from, "from", "", "read another `system`'s database: unleash")
	flags.StringVar(&o.dsn, "dsn", "", "the `URL` of that database; leave the password to PGPASSWORD or ~/.pgpass")
	flags.StringVar(&o.mergeBy, "merge-by", "", "join records with the accounts that have their `email`")
	flags.StringVar(&o.report, "report", "", "write what was refused, skipped or kept to this `file` instead of standard error")
	flags.BoolVar(&o.dryRun, "dry-run", false, "judge every record and write nothing")
	command.MarkFlagsRequiredTogether("from", "dsn")
	command.MarkFlagsMutuallyExclusive("from", "map")
	command.MarkFlagsMutuallyExclusive("from", "preset")
	command.MarkFlagsMutuallyExclusive("from", "format")
	choices := map[string][]string{"format": {"jsonl", "json", "csv"}, "preset": records.Presets(), "from": {"unleash"}, "merge-by": {"email"}}
	for flag, words := range choices {
		_ = command.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
}

// check returns what is wrong with the flags together.
func (o importing) check(args []string) error {
	switch {
	case (o.from == "") == (len(args) == 0):
		return problemf("name one file, or - for standard input, or --from unleash with --dsn")
	case o.from != "" && o.from != "unleash":
		return problemf("--from %s: there is only unleash", o.from)
	case o.mergeBy != "" && o.mergeBy != "email":
		return problemf("--merge-by %s: there is only email", o.mergeBy)
	case o.tenant != "" && !core.TenantID(o.tenant).Valid():
		return problemf("--tenant: a tenant has lower-case letters, digits, - and _, at most 64 of them")
	case o.from != "" && o.tenant == "":
		return problemf("--tenant: say whose users they are")
	}
	return nil
}

// takeIn does the import.
func (i *installation) takeIn(command *cobra.Command, o importing, args []string) error {
	if err := o.check(args); err != nil {
		return err
	}
	reader, size, done, err := o.open(command, args)
	if err != nil {
		return problemf("%v", err)
	}
	defer done()
	report, closeReport, err := o.reportTo(command)
	if err != nil {
		return err
	}
	run := newImportRun(i, o, reader, report, newProgress(command.ErrOrStderr(), reader.What(), size))
	err = errors.Join(run.all(command.Context()), closeReport())
	run.sum(command)
	if err != nil {
		return err
	}
	if n := run.tally[core.Refused]; n > 0 {
		return &partly{fmt.Sprintf("%d of %d %ss are refused, and nothing of them is in", n, run.read, reader.What())}
	}
	return nil
}

// partly is the error of a command that has done a part of its work.
type partly struct{ text string }

func (p *partly) Error() string { return p.text }

// reportTo returns where the report goes: a file that only its owner reads.
func (o importing) reportTo(command *cobra.Command) (io.Writer, func() error, error) {
	if o.report == "" {
		return command.ErrOrStderr(), func() error { return nil }, nil
	}
	file, err := os.OpenFile(o.report, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, problemf("--report: %v", err)
	}
	return file, file.Close, nil
}

// dialectNames returns the names of all dialects.
func dialectNames() []string { return builtin.Default().Names() }
