package records

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Unleash reads the users of an Unleash server from its PostgreSQL database, in
// one read-only transaction. The caller closes it.
type Unleash struct {
	conn  *pgx.Conn
	rows  pgx.Rows
	total int64
}

// The names that rekey's dialect has for what it tells of a user.
const (
	unleashID   = "unleash"
	unleashRole = "unleash.role"
)

// OpenUnleash connects to the database. What is left out of the DSN, such as
// the password, comes from PostgreSQL's own variables and files. Its errors do
// not tell the DSN.
func OpenUnleash(ctx context.Context, dsn string) (*Unleash, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("--dsn is no URL that PostgreSQL understands")
	}
	config.RuntimeParams["timezone"] = "UTC" // older columns have no zone
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, errors.New("the database of --dsn cannot be reached: " + state(err))
	}
	u := &Unleash{conn: conn}
	if err := u.begin(ctx); err != nil {
		_ = u.Close(ctx)
		return nil, errors.New("the database of --dsn is none of Unleash's that can be read: " + state(err))
	}
	return u, nil
}

// state returns what PostgreSQL calls the error, which quotes nothing.
func state(err error) string {
	var known interface{ SQLState() string }
	if errors.As(err, &known) {
		return "SQLSTATE " + known.SQLState()
	}
	return "no answer"
}

func (u *Unleash) begin(ctx context.Context) error {
	if _, err := u.conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
		return err
	}
	if err := u.conn.QueryRow(ctx, "SELECT count(*) FROM users").Scan(&u.total); err != nil {
		return err
	}
	query, err := u.query(ctx)
	if err != nil {
		return err
	}
	u.rows, err = u.conn.Query(ctx, query)
	return err
}

// query asks for what this version of Unleash has: users were deleted for good
// before deleted_at, there were no service accounts before is_service, and the
// time of a password is known since used_passwords.
func (u *Unleash) query(ctx context.Context) (string, error) {
	rows, err := u.conn.Query(ctx, "SELECT table_name || '.' || column_name FROM information_schema.columns "+
		"WHERE table_schema = ANY(current_schemas(false)) AND table_name IN ('users', 'used_passwords', 'role_user', 'roles')")
	if err != nil {
		return "", err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	has := map[string]bool{}
	for _, name := range names {
		has[name] = true
	}
	known := func(column, expression, otherwise string) string {
		if has[column] {
			return expression
		}
		return otherwise
	}
	return "SELECT u.id, coalesce(u.name, ''), coalesce(u.username, ''), coalesce(u.email, ''), coalesce(u.password_hash, ''), " +
		"u.created_at::timestamptz, " +
		known("users.deleted_at", "u.deleted_at IS NOT NULL", "false") + ", " +
		known("users.is_service", "coalesce(u.is_service, false)", "false") + ", " +
		known("users.is_system", "coalesce(u.is_system, false)", "false") + ", " +
		known("used_passwords.used_at", "(SELECT max(p.used_at)::timestamptz FROM used_passwords p "+
			"WHERE p.user_id = u.id AND p.password_hash = u.password_hash)", "NULL::timestamptz") + ", " +
		known("role_user.role_id", "coalesce((SELECT r.name FROM role_user ru JOIN roles r ON r.id = ru.role_id "+
			"WHERE ru.user_id = u.id AND r.type LIKE 'root%' ORDER BY r.id LIMIT 1), '')", "''") +
		" FROM users u ORDER BY u.id", nil
}

// Total returns how many users there are.
func (u *Unleash) Total() int64 { return u.total }

// What implements [Reader]: its numbers are the users' ids.
func (*Unleash) What() string { return "user" }

// Missing implements [Reader].
func (*Unleash) Missing() []string { return nil }

// Next implements [Reader].
func (u *Unleash) Next(context.Context) (Record, error) {
	if !u.rows.Next() {
		if err := u.rows.Err(); err != nil {
			return Record{}, errors.New("the database of --dsn ceased to answer: " + state(err))
		}
		return Record{}, io.EOF
	}
	var r Record
	var role string
	var created, changed *time.Time
	var deleted, service, system bool
	a := &r.Account
	err := u.rows.Scan(&r.Number, &a.Name, &a.Username, &a.Email, &a.Verifier, &created, &deleted, &service, &system, &changed, &role)
	if err != nil {
		return Record{}, errors.New("the users of --dsn have columns of other kinds than Unleash's")
	}
	a.CreatedAt = orZero(created)
	if a.Verifier != "" {
		a.PasswordChangedAt = orZero(changed)
	}
	a.ExternalIDs = map[string]string{unleashID: strconv.Itoa(r.Number)}
	if role != "" {
		a.Attributes = map[string]string{unleashRole: rootRole(role)}
	}
	switch {
	case deleted:
		r.Skipped = "is deleted in Unleash"
	case service:
		r.Skipped = "is a service account"
	case system:
		r.Skipped = "is Unleash's own"
	}
	return r, nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// rootRole returns what the dialect calls a root role, by the names that it has
// had. Custom ones stay as they are.
func rootRole(name string) string {
	switch lower := strings.ToLower(name); lower {
	case "regular":
		return "editor"
	case "read":
		return "viewer"
	case "admin", "editor", "viewer":
		return lower
	}
	return name
}

// Close ends the transaction and the connection.
func (u *Unleash) Close(ctx context.Context) error {
	if u.rows != nil {
		u.rows.Close()
	}
	return u.conn.Close(context.WithoutCancel(ctx))
}

var _ Reader = (*Unleash)(nil)
