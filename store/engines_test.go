package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rekey/store"
)

var (
	phrase   = regexp.MustCompile("`([^`]+)`")
	function = regexp.MustCompile(`\b([a-z_]+)\(`)
	// spoken are words that are followed by a parenthesis and are no functions, and
	// what every engine has.
	spoken = regexp.MustCompile(`^(accounts|and|as|by|check|coalesce|count|exists|from|greatest|in|into|key|kinds|least|max|min|not|on|or|references|select|set|sum|unique|using|values|when|where)$`)
	// notable are the phrases that a page on engines may not leave out.
	notable = []string{
		"for update skip locked", "for share", "for no key", "on conflict", "returning", "concurrently", "collate", "generated always",
		"with recursive", "lateral", "tablesample", "array_agg", "jsonb", "listen", "notify", "create trigger", "create function", "create extension", "create sequence",
		"partition by", "advisory", "savepoint", "lock table", "create type", "materialized",
	}
)

// ENGINES.md asks of an engine what the store sends, and says of nothing that is sent
// that it is not needed.
func TestThePageOnEnginesListsWhatIsSent(t *testing.T) {
	dsn := migrated(t)
	db := look(t, dsn, "pgx", dsn)
	var all strings.Builder
	for _, statements := range db.statements(t) {
		for _, s := range statements {
			all.WriteString(strings.ToLower(s.sql) + "\n")
		}
	}
	stop := store.Watch(db.DB, func(sql string, _ []any) { all.WriteString(strings.ToLower(sql) + "\n") })
	_, err := db.Hashes(t.Context())
	stop()
	if err != nil {
		t.Fatal(err)
	}
	verbs := all.String()
	migrations, err := filepath.Glob("migrations/postgres/*.sql")
	if err != nil || len(migrations) == 0 {
		t.Fatalf("got %v, %v", migrations, err)
	}
	for _, file := range migrations {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString(strings.ToLower(remark.ReplaceAllString(string(text), " ")))
	}
	sent := strings.Join(strings.Fields(all.String()), " ")
	text, err := os.ReadFile("ENGINES.md")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ToLower(string(text))
	_, needed, _ := strings.Cut(page, "\n## what is needed")
	needed, unneeded, ok := strings.Cut(needed, "\n## what is not needed")
	unneeded, _, ok2 := strings.Cut(unneeded, "\n## ")
	if !ok || !ok2 {
		t.Fatal("the page has lost its headings")
	}
	for line := range strings.Lines(needed) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		asked, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), " | ")
		for _, p := range phrase.FindAllStringSubmatch(asked, -1) {
			if !strings.Contains(sent, p[1]) {
				t.Errorf("the page asks for %s, which nothing needs", p[1])
			}
		}
	}
	for _, p := range phrase.FindAllStringSubmatch(unneeded, -1) {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(p[1]) + `\b`).MatchString(sent) {
			t.Errorf("the page says that %s is not needed, and it is sent", p[1])
		}
	}
	for _, p := range notable {
		if strings.Contains(sent, p) && !strings.Contains(needed, p) {
			t.Errorf("the page does not ask for %s", p)
		}
	}
	told := map[string]bool{}
	for _, f := range function.FindAllStringSubmatch(verbs, -1) {
		if told[f[1]] {
			continue
		}
		told[f[1]] = true
		if !spoken.MatchString(f[1]) && !strings.Contains(needed, f[1]+"(") {
			t.Errorf("the page does not ask for the function %s", f[1])
		}
	}
}
