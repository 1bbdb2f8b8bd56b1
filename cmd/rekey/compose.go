package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rekey/adapters/console"
	"rekey/adapters/metrics"
	"rekey/adapters/traces"
	"rekey/config"
	"rekey/config/load"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/core/seal"
	"rekey/store"
)

// installation is what the commands work with.
type installation struct {
	cfg       config.Config // fitted to this machine
	source    source
	db        *store.DB
	pool      *passhash.Pool
	passwords *core.Service
	log       *slog.Logger
	logs      io.Writer
	metrics   *metrics.Metrics
	traces    *traces.Traces // nil if nothing is traced
	sampler   *sampler       // of the process

	// bound fits the configuration to where clients reach the server, before it
	// serves by it; may be nil.
	bound func(cfg *config.Config, url string)

	// desk is where mail is written that no server takes; nil but in dev.
	desk io.Writer

	invited *console.Invitation // to the console; nil if nobody is
}

// configVariable names the file where no flag does.
const configVariable = "REKEY_CONFIG"

// configFlag adds --config to a command.
func configFlag(command *cobra.Command) *string {
	file := command.Flags().StringP("config", "c", os.Getenv(configVariable), "the YAML `file`, or that in $"+configVariable+"; the environment is laid over it")
	_ = command.MarkFlagFilename("config", "yaml", "yml")
	return file
}

// configured finishes a command that works with the configuration.
func configured(command *cobra.Command, work func(config.Config, []string) error) *cobra.Command {
	file := configFlag(command)
	command.RunE = func(_ *cobra.Command, args []string) error {
		cfg, err := loadConfig(config.Default(), *file)
		if err != nil {
			return err
		}
		return work(cfg, args)
	}
	return command
}

// loadConfig reads the file, if there is one, and the environment.
func loadConfig(base config.Config, file string) (config.Config, error) {
	var sources []load.Source
	if file != "" {
		sources = append(sources, load.File(file))
	}
	cfg, problems := config.Load(base, environ(), sources...)
	if len(problems) > 0 {
		return cfg, problems
	}
	return cfg, nil
}

// environ returns the environment but for the variable that names the file.
func environ() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, configVariable+"=") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// install opens the database and puts the parts together. The caller closes it.
func install(ctx context.Context, cfg config.Config, logs io.Writer) (*installation, error) {
	traced, err := newTraces(ctx, cfg, newLog(cfg.Log, logs))
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, storeOptions(cfg, traced))
	if err != nil {
		return nil, errors.Join(err, closeTraces(ctx, traced))
	}
	i := &installation{cfg: cfg, db: db, logs: logs, traces: traced}
	if err := i.compose(nil); err != nil {
		return nil, errors.Join(err, closeTraces(ctx, traced), db.Close())
	}
	return i, nil
}

// renew puts the parts together anew by another configuration, over the same
// database and the same workers.
func (i *installation) renew(given config.Config) (*installation, error) {
	from := i.source
	from.given = given
	renewed := &installation{
		cfg: withWorkers(given, from.cores), source: from, db: i.db, logs: i.logs, metrics: i.metrics, traces: i.traces,
		sampler: i.sampler, bound: i.bound, desk: i.desk, invited: i.invited,
	}
	return renewed, renewed.compose(i.pool)
}

// compose puts the parts together. The derivations are done by the workers of
// another pool, if there is one.
func (i *installation) compose(other *passhash.Pool) (err error) {
	cfg, db := i.cfg, i.db
	i.log = newLog(cfg.Log, i.logs)
	renew := passhash.NewPeppered
	if other != nil {
		renew = other.Renew
	}
	if i.pool, err = renew(cfg.Passwords.Hash, rand.Reader, cfg.Passwords.Pepper.Material()); err != nil {
		return err
	}
	sealer, err := newSealer(cfg.Sealing)
	if err != nil {
		return err
	}
	parts := core.Parts{
		Store: db, Hasher: i.pool, Policy: cfg.Passwords.Rules(), History: cfg.Passwords.History,
		TokenTTL: cfg.Tokens.TTL, Now: time.Now, Random: rand.Reader,
		Throttle: db, Factors: db, Sealer: sealer, AccessKeys: db, Replays: db, Deliveries: db, Sessions: db, Samples: db,
	}
	parts.SessionLimits = cfg.Console.Limits()
	parts.SealUnder = sealUnder
	if cfg.Attempts.Enabled {
		parts.Attempts, parts.Rules = db, cfg.Attempts.Rules()
	}
	if cfg.Mail.Enabled || i.desk != nil {
		parts.Outbox, parts.Notices = db, cfg.Mail.Enabled && cfg.Mail.Notices
	}
	if len(cfg.Webhooks.Endpoints) > 0 {
		parts.Telling = telling(cfg.Webhooks, db)
	}
	if i.metrics == nil {
		i.measure()
	}
	if i.sampler == nil {
		i.sampler = newSampler(db, time.Now, i.pool.Stats)
	}
	if cfg.Console.Enabled {
		parts.Endings = i.sampler.count
	}
	parts.Observer = i.observe()
	i.passwords = core.New(parts)
	return nil
}

// newSealer returns what seals under the configured keys, or nil if there are
// none.
func newSealer(cfg config.Sealing) (core.Sealer, error) {
	if !cfg.Configured() {
		return nil, nil
	}
	return seal.New(cfg.Active, cfg.Material(), rand.Reader)
}

// sealUnder returns what seals under a secret that is not stored.
func sealUnder(secret core.Secret, purpose string) (core.Sealer, error) {
	return seal.Under(secret, purpose, rand.Reader)
}

func (i *installation) Close() error {
	return errors.Join(closeTraces(context.Background(), i.traces), i.db.Close())
}

func newLog(cfg config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Level)) // validated
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "text" {
		return slog.New(traces.Log(slog.NewTextHandler(w, options)))
	}
	return slog.New(traces.Log(slog.NewJSONHandler(w, options)))
}
