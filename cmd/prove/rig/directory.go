package rig

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite" // the driver sqlite

	"rekey/config"
	"rekey/config/load"
	"rekey/core"
	"rekey/core/passhash"
	"rekey/store"
)

// Directory is an installation's database, opened beside its servers, as an
// operator's command opens it.
type Directory struct {
	Store     *store.DB
	SQL       *sql.DB // for what the store has no verb for
	Passwords *core.Service
	Hasher    *passhash.Pool
	History   int // how many passwords are kept
}

// OnItsOwn is the application name of a directory's connections to PostgreSQL,
// which tells them from the servers'.
const OnItsOwn = "rekey-prove"

// Open opens the directory. The caller closes it: while it is open, no server
// is the first to open a SQLite file after a crash.
func (i *Installation) Open(ctx context.Context) (*Directory, error) {
	cfg, err := i.config()
	if err != nil {
		return nil, err
	}
	hasher, err := passhash.New(cfg.Passwords.Hash, rand.Reader)
	if err != nil {
		return nil, err
	}
	d := &Directory{Hasher: hasher, History: cfg.Passwords.History}
	if d.Store, err = store.Open(ctx, store.Options{DSN: own(i.DSN)}); err != nil {
		return nil, err
	}
	if d.SQL, err = openSQL(i.DSN); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	d.Passwords = core.New(core.Parts{
		Store: d.Store, Hasher: hasher, Policy: cfg.Passwords.Rules(), History: cfg.Passwords.History,
		TokenTTL: cfg.Tokens.TTL, Now: time.Now, Random: rand.Reader,
	})
	return d, nil
}

// Close closes every connection.
func (d *Directory) Close() error {
	err := d.Store.Close()
	if d.SQL != nil {
		err = errors.Join(err, d.SQL.Close())
	}
	return err
}

func (i *Installation) config() (config.Config, error) {
	cfg, problems := config.Load(config.Default(), nil, load.File(i.File))
	if len(problems) > 0 {
		return cfg, problems
	}
	return cfg, nil
}

// migrate brings the database up to date, and finds what the configuration lacks.
func (i *Installation) migrate(ctx context.Context) error {
	if _, err := i.config(); err != nil {
		return err
	}
	return store.Migrate(ctx, store.Options{DSN: i.DSN}, func(string) {})
}

func openSQL(dsn string) (*sql.DB, error) {
	if path, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(5000)")
	}
	return sql.Open("pgx", own(dsn))
}

// own puts the application name into a DSN of PostgreSQL.
func own(dsn string) string {
	if strings.HasPrefix(dsn, "sqlite:") {
		return dsn
	}
	separator := "?"
	if strings.Contains(dsn, "?") {
		separator = "&"
	}
	return dsn + separator + "application_name=" + OnItsOwn
}

// Account is what the owner of an account knows of it, and its administrator.
type Account struct {
	ID       core.AccountID
	Tenant   core.TenantID
	Email    string
	UserID   string // ZAP's
	Revision int64  // as it was added
}

// byRig is the origin of what is done without a dialect.
var byRig = core.Origin{Dialect: "cli"}

// Add adds n accounts with fresh passwords to the tenant and enters them into
// a new ledger. Their hashes are real: about 50 of them a second and core.
func (d *Directory) Add(ctx context.Context, tenant core.TenantID, n int) (*Ledger, error) {
	return d.AddWith(ctx, tenant, n, NewPassword)
}

// AddWith is [Directory.Add] with the passwords that choose returns, which must
// be safe for concurrent use.
func (d *Directory) AddWith(ctx context.Context, tenant core.TenantID, n int, choose func() string) (*Ledger, error) {
	entries := make([]*Entry, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for k := range entries {
		group.Go(func() (err error) {
			entries[k], err = d.add(ctx, tenant, choose())
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("add accounts: %w", err)
	}
	return newLedger(entries), nil
}

func (d *Directory) add(ctx context.Context, tenant core.TenantID, text string) (*Entry, error) {
	id := make([]byte, 12)
	_, _ = rand.Read(id)
	a := Account{Tenant: tenant, Email: strings.ToLower(rand.Text()) + "@" + string(tenant) + ".example", UserID: hex.EncodeToString(id)}
	password := core.NewPassword(text)
	added, err := d.Passwords.CreateAccount(ctx, core.NewAccount{
		Tenant: tenant, Email: a.Email, ExternalIDs: map[string]string{"zap": a.UserID}, Password: &password,
	}, byRig)
	a.ID, a.Revision = added.ID, added.Revision
	return &Entry{Account: a, password: text}, err
}

// Token issues a reset token for the account; its older ones are dead then.
func (d *Directory) Token(ctx context.Context, a Account) (string, error) {
	token, _, err := d.Passwords.IssueToken(ctx, a.Tenant, core.Locator{ID: a.ID}, "rig", byRig)
	return token.Reveal(), err
}

// NewPassword returns a random password that every policy takes: Unleash's
// allows no character three times in a row.
func NewPassword() string {
	text := []byte(rand.Text())
	for k := 2; k < len(text); k += 3 {
		text[k] = '-'
	}
	return "Kp1_" + string(text)
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}
