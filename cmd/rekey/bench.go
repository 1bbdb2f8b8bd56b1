package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"rekey/cmd/rekey/bench"
)

// benchFlags are the command's.
type benchFlags struct {
	setup  bench.Setup
	dsn    string
	file   string
	url    string
	facts  string
	asJSON bool

	accounts int // that there are at least
}

func newBench() *cobra.Command {
	var f benchFlags
	command := &cobra.Command{
		Use:   "bench",
		Short: "Measure changes against what the hashes alone allow",
		Long: `Change passwords in a closed loop, one account a client, and compare that with
what this machine's hashes alone would allow, measured right before and after in
the same run. It starts a server of its own, as "rekey dev" does but without pages
and console, with the configuration laid over it, in a process of its own, so that
its processor time and memory are told from the clients'.

With --url it measures a server that runs already, another "rekey dev" whose
--facts and --dsn it is told. Clients that are refused for lack of capacity come
back when they are told to.

--accounts fills the database up first, so that the same is measured in directories
of any size. What grows with them is told alone: "the rest of a change" is all that
is no derivation, of changes by random accounts with a hasher that derives nothing.`,
		Example: `  rekey bench --clients 64
  rekey bench --clients 1 --dialect unleash --duration 30s --json
  rekey bench --accounts 1000000 --dsn sqlite:/tmp/million.db --json
  REKEY_PASSWORDS__HISTORY=0 rekey bench --dsn postgres://rekey@localhost/bench`,
		Args: cobra.NoArgs,
	}
	flags := command.Flags()
	flags.IntVar(&f.setup.Clients, "clients", 64, "how `many` change passwords at once")
	flags.StringVar(&f.setup.Dialect, "dialect", "licensespring", "the `dialect`: licensespring and zap by the old password, unleash by a reset token")
	flags.DurationVar(&f.setup.Duration, "duration", 20*time.Second, "how long is measured")
	flags.DurationVar(&f.setup.Warmup, "warmup", 3*time.Second, "how long is not, before each round")
	flags.IntVar(&f.setup.Rounds, "rounds", 4, "how `often` raw derivations and changes take turns")
	flags.DurationVar(&f.setup.RawTime, "raw", 3*time.Second, "how long raw derivations are measured, each time")
	flags.IntVar(&f.setup.PID, "pid", 0, "with --url: the server's process `id`, if it runs on this machine")
	flags.IntVar(&f.accounts, "accounts", 0, "fill the database up to so many accounts before, with history, events and all; they stay if --dsn names it")
	flags.DurationVar(&f.setup.RestTime, "rest", 3*time.Second, "how long changes are measured that derive nothing")
	flags.StringVar(&f.dsn, "dsn", "", "the database, which keeps what is added; a SQLite file in a temporary folder if not given")
	flags.StringVarP(&f.file, "config", "c", "", "lay this YAML `file` over what dev sets up")
	flags.StringVar(&f.url, "url", "", "measure the server at this `URL`")
	flags.StringVar(&f.facts, "facts", "", "with --url: the `file` that its dev wrote")
	flags.BoolVar(&f.asJSON, "json", false, "print the report as JSON")
	command.MarkFlagsRequiredTogether("url", "facts")
	command.RunE = func(command *cobra.Command, _ []string) error { return f.run(command) }
	return command
}

func (f *benchFlags) run(command *cobra.Command) error {
	switch {
	case f.setup.Clients < 1 || f.setup.Rounds < 1 || f.setup.Duration <= 0 || f.setup.RawTime <= 0 || f.setup.Warmup < 0 || f.setup.RestTime < 0:
		return problemf("--clients, --rounds, --duration and --raw must be above 0")
	case !slices.Contains(builtinNames(), f.setup.Dialect):
		return problemf("--dialect: choose one of %v", builtinNames())
	case f.url != "" && f.dsn == "":
		return problemf("--dsn: name the database of the server at --url, accounts are added to it")
	}
	folder, err := os.MkdirTemp("", "rekey-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if f.dsn == "" {
		f.dsn = "sqlite:" + filepath.Join(folder, "rekey.db")
	}
	f.setup.Progress = func(format string, args ...any) { say(command.ErrOrStderr(), format, args...) }
	stop, err := f.serve(command.Context(), folder)
	if err != nil {
		return err
	}
	defer stop()
	i, err := f.open(command.Context())
	if err != nil {
		return err
	}
	defer func() { _ = i.Close() }()
	if f.setup.Accounts, err = f.addAccounts(command.Context(), i); err != nil {
		return err
	}
	report, err := bench.Run(command.Context(), f.setup)
	if err != nil {
		return problemf("bench: %v", err)
	}
	return report.Print(command.OutOrStdout(), f.asJSON)
}

// serve starts a server, unless one is named, and learns what its clients know.
func (f *benchFlags) serve(ctx context.Context, folder string) (stop func(), err error) {
	stop = func() {}
	if f.url == "" {
		f.facts = filepath.Join(folder, "facts.json")
		if stop, err = f.start(ctx); err != nil {
			return stop, err
		}
	}
	text, err := os.ReadFile(f.facts)
	if err != nil {
		return stop, problemf("--facts: %v", err)
	}
	var facts struct {
		BaseURL       string `json:"base_url"`
		OperationsURL string `json:"operations_url"`
		LicenseSpring struct {
			APIKey    string `json:"api_key"`
			SharedKey string `json:"shared_key"`
		} `json:"licensespring"`
		ZAP struct {
			AdminToken string `json:"admin_token"`
		} `json:"zap"`
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		return stop, problemf("--facts: %v", err)
	}
	f.setup.URL, f.setup.Operations = facts.BaseURL, facts.OperationsURL
	if f.url != "" {
		f.setup.URL = f.url
	}
	f.setup.Keys = bench.Keys{
		APIKey: facts.LicenseSpring.APIKey, SharedKey: facts.LicenseSpring.SharedKey, AdminToken: facts.ZAP.AdminToken,
	}
	return stop, nil
}

// start starts the server as a process of its own, and waits for its facts.
func (f *benchFlags) start(ctx context.Context) (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return func() {}, err
	}
	args := []string{"dev", "--addr", "127.0.0.1:0", "--dsn", f.dsn, "--facts", f.facts}
	if f.file != "" {
		args = append(args, "--config", f.file)
	}
	child := exec.CommandContext(ctx, self, args...)                                                            //nolint:gosec // the program itself
	child.Env = append([]string{"REKEY_PAGES__ENABLED=false", "REKEY_CONSOLE__ENABLED=false"}, os.Environ()...) // as serve does
	child.Env = append(child.Env, "REKEY_LOG__FORMAT=json")
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	end := &tail{}
	child.Stderr = end
	if err := child.Start(); err != nil {
		return func() {}, err
	}
	f.setup.PID = child.Process.Pid
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	stop = func() {
		_ = child.Process.Signal(syscall.SIGTERM)
		<-ended //nolint:errcheck // it was told to end
	}
	for {
		if _, err := os.Stat(f.facts); err == nil {
			return stop, nil
		}
		select {
		case err := <-ended:
			ended <- err
			return stop, problemf("the server ended before it was ready: %v: %s", err, end.text)
		case <-ctx.Done():
			return stop, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tail keeps the end of what is written.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 2000
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(p), nil
}
