package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"rekey/config"
	"rekey/core"
	"rekey/core/leftout"
	"rekey/store/pgtest"
	"rekey/store/pgtest/cluster"
)

// The passwords of all users of a vendor, and their hashes.
const (
	unleashPassword = "correct horse"
	unleashHash     = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.WrAwgFxicHZ3kL7zMvXYXHKosDn8ot2"
	zapHash         = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.WrAwgFxicHZ3kL7zMvXYXHKosDn8ot2"
	djangoPassword  = "lètmein"
	djangoHash      = "pbkdf2_sha1$260000$seasalt2$wAibXvW6jgvatCdONi6SMJ6q7mI="
)

// vendors makes what three products' operators have: an Unleash database with
// users 1 to 1000 and four that are none, ZAP users 501 to 1500 as mongoexport
// writes them, and a CSV of LicenseSpring's users 751 to 1750. Users of one
// number have one address.
func vendors(t testing.TB, dir string) (dsn string) {
	t.Helper()
	dsn = pgtest.DSN(t)
	conn, err := pgx.Connect(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.Background(), unleashSchema); err != nil {
		t.Fatal(err)
	}
	if err := vendorsFiles(dir); err != nil {
		t.Fatal(err)
	}
	return dsn
}

// vendorsFiles writes the files of vendors, and Unleash's users 1 to 1000 as a CSV
// for machines that have no database of theirs.
func vendorsFiles(dir string) error {
	var unleash, zap, spring strings.Builder
	unleash.WriteString("id,username,email,password_hash\n")
	spring.WriteString("login,mail,password\n")
	for n := 501; n <= 1500; n++ {
		fmt.Fprintf(&unleash, "%d,user%d,user%d@acme.example,%s\n", n-500, n-500, n-500, unleashHash)
		fmt.Fprintf(&zap, `{"_id":{"$oid":"%024x"},"email":"User%d@Acme.example","password":%q,"createdAt":{"$date":"2024-01-02T03:04:05.678Z"},"__v":0}`+"\n", n, n, zapHash)
		fmt.Fprintf(&spring, "user%d@acme.example,user%d@acme.example,%s\n", n+250, n+250, djangoHash)
	}
	for name, text := range map[string]string{"unleash.csv": unleash.String(), "zap.json": zap.String(), "licensespring.csv": spring.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// unleashSchema has the columns of Unleash's migrations that tell of users.
const unleashSchema = `
CREATE TABLE users (
	id serial PRIMARY KEY, name varchar(255), username varchar(255) UNIQUE, system_id varchar(255), email varchar(255) UNIQUE,
	image_url varchar(255), password_hash varchar(255), login_attempts int DEFAULT 0, created_at timestamp DEFAULT now(), seen_at timestamp,
	settings json, permissions json, is_service boolean DEFAULT false, is_system boolean NOT NULL DEFAULT false,
	deleted_at timestamptz, email_hash varchar(255), scim_id text, scim_external_id text, first_seen_at timestamp);
CREATE TABLE roles (id serial PRIMARY KEY, name text NOT NULL, description text, type text NOT NULL DEFAULT 'custom', project text,
	created_at timestamptz DEFAULT now());
CREATE TABLE role_user (role_id int NOT NULL REFERENCES roles, user_id int NOT NULL REFERENCES users, created_at timestamptz DEFAULT now(),
	project varchar(255), PRIMARY KEY (role_id, user_id));
CREATE TABLE used_passwords (user_id int REFERENCES users, password_hash text NOT NULL, used_at timestamptz DEFAULT (now() AT TIME ZONE 'utc'),
	PRIMARY KEY (user_id, password_hash));
INSERT INTO roles (name, type) VALUES ('Admin', 'root'), ('Editor', 'root'), ('Viewer', 'root'), ('Owner', 'project');
INSERT INTO users (name, username, email, password_hash, created_at)
	SELECT 'User ' || n, 'user' || n, 'user' || n || '@acme.example', '` + unleashHash + `', '2022-01-02 03:04:05.678' FROM generate_series(1, 1000) n;
INSERT INTO role_user (role_id, user_id) SELECT 1 + id % 3, id FROM users;
INSERT INTO role_user (role_id, user_id) SELECT 4, id FROM users;
INSERT INTO used_passwords SELECT id, password_hash, '2025-06-07T08:09:10Z' FROM users WHERE id <= 900;
INSERT INTO users (name, deleted_at) VALUES ('Gone(Deleted)', now());
INSERT INTO users (name, username, is_service) VALUES ('Robot', 'robot', true);
INSERT INTO users (name, username, is_system) VALUES ('Unleash System', 'unleash_system_user', true);
INSERT INTO users (name) VALUES ('Nobody');`

// vendorsCommand is vendors for scripts. It sets UNLEASH, if there is PostgreSQL;
// otherwise it says aloud that no script imports from there.
func vendorsCommand(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, _ bool, _ []string) {
		if there, _ := hasPostgres("postgres"); there {
			ts.Setenv("UNLEASH", vendors(t, ts.MkAbs(".")))
			return
		}
		ts.Check(leftout.Part("PostgreSQL (Debian: apt-get install postgresql), to import an Unleash server's database from"))
		ts.Check(vendorsFiles(ts.MkAbs(".")))
	}
}

// hasPostgres is the condition of scripts that need it.
func hasPostgres(condition string) (bool, error) {
	if condition != "postgres" {
		return false, fmt.Errorf("unknown condition %s", condition)
	}
	return cluster.Installed() || os.Getenv("REKEY_TEST_POSTGRES_DSN") != "" || os.Getenv("REKEY_TEST_REQUIRE_POSTGRES") == "1", nil
}

func TestUsersOfThreeVendorsKeepTheirPasswords(t *testing.T) {
	dir := t.TempDir()
	unleash := vendors(t, dir)
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		t.Setenv("REKEY_STORE__DSN", dsn)
		mustRun(t, "", "migrate")
		if _, failure := run("", "import", "-t", "acme", "--from", "unleash", "--dsn", unleash); !strings.Contains(failure, "1 of 1004 users") {
			t.Errorf("got %q, want that one user is refused", failure)
		}
		mustRun(t, "", "import", "-t", "acme", "--preset", "zap", "--merge-by", "email", filepath.Join(dir, "zap.json"))
		mustRun(t, "", "import", "-t", "acme", "--map", "username=login,email=mail,hash=password", "--merge-by", "email", filepath.Join(dir, "licensespring.csv"))
		cfg, err := loadConfig(config.Default(), "")
		if err != nil {
			t.Fatal(err)
		}
		i, err := install(t.Context(), cfg, t.Output())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = i.Close() }()
		for n, password := range map[int]string{1: unleashPassword, 800: unleashPassword, 1400: unleashPassword, 1700: djangoPassword} {
			login := core.Locator{Login: fmt.Sprintf("USER%d@acme.example", n)}
			_, err := i.passwords.Change(t.Context(), core.Change{
				Tenant: "acme", New: core.NewPassword("forgotten tomorrow"), Origin: byOperator,
				Proof: core.Knowledge{Account: login, Current: core.NewPassword(password)},
			})
			a, found := i.passwords.Account(t.Context(), "acme", login)
			if err != nil || found != nil || !strings.HasPrefix(a.Verifier, "$argon2id$") {
				t.Errorf("user %d: %v, %v, %.10s", n, err, found, a.Verifier)
			}
			if n == 800 && (a.ExternalIDs["unleash"] != "800" || a.ExternalIDs["zap"] != fmt.Sprintf("%024x", 800) || a.Username != "user800" || a.Attributes["unleash.role"] != "viewer") {
				t.Errorf("user 800 is %+v", a)
			}
		}
	})
}
