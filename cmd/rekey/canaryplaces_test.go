package main

import (
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"rekey/adapters/traces/tracestest"
)

// look gathers everything that the installation left, and searches it.
func (c *campaign) look() {
	c.t.Helper()
	for _, path := range []string{"/openapi.json", "/healthz", "/readyz", "/metrics", "/" + c.named} {
		response, err := http.Get(c.operations + path)
		if err != nil {
			c.t.Fatal(err)
		}
		c.keep("operations", []byte(read(c.t, response).body))
	}
	for name, place := range map[string]string{"cmdline": "process arguments", "environ": "process environment"} {
		content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.process.Process.Pid), name))
		if runtime.GOOS != "linux" {
			c.t.Logf("left out: %s, which only Linux shows", place)
		} else if err != nil {
			c.t.Fatal(err)
		}
		c.keep(place, content)
	}
	c.eventually("the last traces are there", func() bool {
		return slices.ContainsFunc(c.collector.Spans(), func(s tracestest.Span) bool { return s.Attributes["error.type"] == "internal" })
	})
	c.keep("the traces", c.collector.Raw())
	c.base.read(c.t, c.keep) // while it runs
	log, dump := c.quit()
	c.keep("the log", []byte(took.ReplaceAllString(log, "")))
	c.keep("the goroutines' dump", []byte(dump))
	c.keep("standard output", []byte(c.out.String()))
	c.base.read(c.t, c.keep) // and when it is dead
	c.hooked.Lock()
	c.keep("the webhooks", c.hook)
	c.hooked.Unlock()
	for _, m := range c.smtp.Mails() {
		c.keep("the mails", []byte(m.Read(c.t).Text+m.Data))
	}
	c.plantRefused()
	for place, content := range c.left {
		c.h.search(place, content)
	}
}

// took is how long a request took, and its trace's id: digits that may look like a
// code.
var took = regexp.MustCompile(`"?(took"?[:=][0-9.a-zµ]+|trace_id"?[:="]+[0-9a-f]+)`)

// report holds that the campaign met what it set out to meet.
func (c *campaign) report() {
	c.t.Helper()
	c.saw("in the campaign", c.statuses, 200, 400, 401, 404, 405, 413, 415, 429, 500, 503)
	for _, word := range []string{"DEBUG", "INFO", "WARN", "ERROR", "postponed", "buried", "request_id"} {
		if !strings.Contains(string(c.left["the log"]), word) {
			c.t.Errorf("the log tells of nothing that is %s", word)
		}
	}
	for _, word := range []string{"password.changed", "reset.requested", "Webhook-Signature", "account_id"} {
		if !strings.Contains(string(c.left["the webhooks"]), word) {
			c.t.Errorf("no webhook tells of %s", word)
		}
	}
	for _, word := range []string{"acme.example", "password.changed", "password.change_refused", "mail.", "the server answers 550"} {
		if !strings.Contains(string(c.left["the database"]), word) {
			c.t.Errorf("in the database there is nothing of %s: is it read?", word)
		}
	}
}

// breakDatabase takes tables away, and makes updates fail, under requests that
// hold their proofs.
func (c *campaign) breakDatabase() {
	for _, table := range []string{"events", "identifiers", "history"} {
		c.base.execute(c.t, "ALTER TABLE "+table+" RENAME TO elsewhere")
		for _, d := range dialects() {
			c.send(c.ask(d, c.wrong, c.fresher))
		}
		c.send(c.ask(licensespringDialect, c.fresher, c.fresh[3]))
		c.base.execute(c.t, "ALTER TABLE elsewhere RENAME TO "+table)
	}
	c.base.execute(c.t, c.base.refusing)
	c.send(c.ask(licensespringDialect, c.fresher, c.fresh[3]))
}

func sqliteBase(t *testing.T) base {
	path := filepath.Join(t.TempDir(), "rekey.db")
	return base{
		dsn:      "sqlite:" + path,
		refusing: "CREATE TRIGGER refusing BEFORE UPDATE ON accounts BEGIN SELECT RAISE(ABORT, 'refused'); END",
		execute: func(t *testing.T, statement string) {
			t.Helper()
			db, err := sql.Open("sqlite", path+"?_pragma=busy_timeout(5000)")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		},
		read: func(t *testing.T, keep func(string, []byte)) {
			t.Helper()
			for _, suffix := range []string{"", "-wal", "-shm"} {
				content, err := os.ReadFile(path + suffix)
				if err != nil {
					t.Fatal(err)
				}
				keep("the database", content)
			}
		},
	}
}

func postgresBase(t *testing.T) base {
	dsn, password := withPassword(t)
	query := func(t *testing.T, statement string, each func(string)) {
		t.Helper()
		db, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close(t.Context()) }()
		rows, err := db.Query(t.Context(), statement)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		for _, text := range texts {
			each(text)
		}
	}
	return base{
		dsn: dsn, password: password,
		refusing: "ALTER TABLE accounts ADD CONSTRAINT refusing CHECK (revision < 0) NOT VALID", // its detail has the whole row
		execute:  func(t *testing.T, statement string) { query(t, statement, func(string) {}) },
		read: func(t *testing.T, keep func(string, []byte)) {
			keepRow := func(row string) { keep("the database", []byte(row)) }
			query(t, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", func(table string) {
				query(t, `SELECT t::text FROM "`+table+`" AS t`, keepRow)
			})
			query(t, "SELECT query FROM pg_stat_activity WHERE datname = current_database()", keepRow)
			u, _ := url.Parse(dsn)
			if folder := u.Query().Get("host"); filepath.IsAbs(folder) {
				query(t, "CHECKPOINT", keepRow)
				query(t, "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relnamespace <> 'pg_catalog'::regnamespace"+
					" AND pg_relation_filepath(oid) IS NOT NULL", func(file string) {
					content, err := os.ReadFile(filepath.Join(folder, "data", file))
					if err != nil {
						t.Fatal(err)
					}
					keep("the database", content)
				})
			}
		},
	}
}
