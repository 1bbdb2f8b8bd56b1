package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"rekey/config"
	"rekey/config/secret"
	"rekey/store"
)

func newDev() *cobra.Command {
	var address, dsn, file, factsFile string
	command := &cobra.Command{
		Use:   "dev",
		Short: "Try it: everything set up, with three commands to paste",
		Long: `Run a complete installation for trying it out: an empty database in a temporary
folder, all dialects, the management API with a key, two tenants, sample accounts,
and three curl commands that change passwords. It listens on loopback only, its keys are new in every run,
and what it stores is gone when it ends. It is not for production.`,
		Args: cobra.NoArgs,
	}
	flags := command.Flags()
	flags.StringVar(&address, "addr", "127.0.0.1:8080", "listen on this loopback `host:port`; port 0 takes any")
	flags.StringVar(&dsn, "dsn", "", "use this database, and keep it")
	flags.StringVarP(&file, "config", "c", "", "lay this YAML `file` over what dev sets up")
	flags.StringVar(&factsFile, "facts", "", "write what was set up to this `file`, as JSON, once the server answers")
	_ = command.MarkFlagFilename("config", "yaml", "yml")
	command.RunE = func(command *cobra.Command, _ []string) error {
		folder, err := os.MkdirTemp("", "rekey-dev-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		keys := newDevKeys()
		read := func() (config.Config, error) {
			cfg, err := loadConfig(devConfig(keys, address, "sqlite:"+filepath.Join(folder, "rekey.db")), file)
			if err != nil {
				return cfg, err
			}
			if flags.Changed("addr") {
				cfg.Server.Address = address
			}
			if flags.Changed("dsn") {
				cfg.Store.DSN = secret.New(dsn)
			}
			if problems := cfg.Validate(); len(problems) > 0 {
				return cfg, problems
			}
			return cfg, loopbackOnly(cfg)
		}
		cfg, err := read()
		if err != nil {
			return err
		}
		from := source{file, cfg, read, runtime.GOMAXPROCS(0)}
		return runDev(command, tune(cfg, from.cores), keys, factsFile, from)
	}
	return command
}

// loopbackOnly refuses addresses that other machines could reach: its
// secrets are printed.
func loopbackOnly(cfg config.Config) error {
	for key, address := range map[string]string{"--addr": cfg.Server.Address, "operations.address": cfg.Operations.Address, "manage.address": cfg.Manage.Address} {
		host, _, _ := net.SplitHostPort(address)
		if ip := net.ParseIP(host); address != "" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return problemf("%s: dev listens on loopback only, such as 127.0.0.1:8080; for %s use `rekey serve`", key, address)
		}
	}
	return nil
}

// runDev sets everything up, tells what, and serves until the command's
// context ends.
func runDev(command *cobra.Command, cfg config.Config, keys devKeys, factsFile string, from source) error {
	ctx := command.Context()
	if err := store.Migrate(ctx, store.Options{DSN: cfg.Store.DSN.Reveal()}, func(string) {}); err != nil {
		return err
	}
	i, err := install(ctx, cfg, command.ErrOrStderr())
	if err != nil {
		return err
	}
	defer func() { _ = i.Close() }()
	i.source = from
	if err = i.printMail(command.OutOrStdout()); err != nil {
		return err
	}
	i.bound = func(cfg *config.Config, url string) {
		if cfg.Adapters.Unleash.BaseURL == devLinks {
			cfg.Adapters.Unleash.BaseURL = url
		}
		if cfg.Pages.BaseURL == devLinks {
			cfg.Pages.BaseURL = url
		}
		if cfg.Manage.BaseURL == devLinks {
			cfg.Manage.BaseURL = url
		}
	}
	i.invited = newInvitation()
	s, err := newServer(ctx, i)
	if err != nil {
		return err
	}
	samples, err := addSamples(ctx, i)
	if err != nil {
		return err
	}
	dev := devFacts{BaseURL: s.url(), OperationsURL: s.operationsURL(), ManageURL: s.manageURL(), keys: keys, samples: samples}
	if dev.manageKey, err = addDevKey(ctx, i); err != nil {
		return err
	}
	dev.ConsoleURL = s.invite(i.invited, dev.manageKey)
	if cfg.Pages.Enabled {
		dev.ResetURL = linkTo(s.url(), samples[len(samples)-1].token)
	}
	if err := dev.introduce(command.OutOrStdout(), cfg.Adapters, s.operationsURL()); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.run(ctx) })
	group.Go(func() error {
		if factsFile == "" {
			return nil
		}
		return dev.write(factsFile)
	})
	return group.Wait()
}

// operationsURL returns where the health checks are, or "".
func (s *server) operationsURL() string {
	if s.operations == nil {
		return ""
	}
	return fmt.Sprintf("http://%s", s.operAt.Addr())
}
