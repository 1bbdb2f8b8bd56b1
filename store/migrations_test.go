package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The release before runs on while a database is migrated, so a migration only
// adds. What nobody uses any more is taken away by one that says so in its
// first lines, with the release whose programs were the last to use it:
//
//	-- contraction: not used since 1.4
func TestMigrationsOnlyAdd(t *testing.T) {
	paths, err := filepath.Glob("migrations/*/*.sql")
	if err != nil || len(paths) == 0 {
		t.Fatalf("got %v, %v, want migrations", paths, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, statement := range contractions(string(text)) {
			t.Errorf("%s takes away what the release before may use: %s", path, statement)
		}
	}
}

func TestContractionsAreTold(t *testing.T) {
	for sql, told := range map[string]bool{
		"CREATE TABLE t (a text NOT NULL, b text, UNIQUE (a)); CREATE UNIQUE INDEX i ON t (a); INSERT INTO t (a) VALUES ('x;y');": false,
		"CREATE INDEX i ON accounts (name);":                                                     false,
		"ALTER TABLE accounts ADD COLUMN a text;":                                                false,
		"ALTER TABLE accounts ADD COLUMN a text NOT NULL DEFAULT '{}';":                          false,
		"SET LOCAL lock_timeout = '5s'; -- DROP TABLE accounts;":                                 false,
		"-- contraction: not used since 1.4\nALTER TABLE accounts DROP COLUMN a;":                false,
		"DROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY i ON accounts (name);":  false,
		"DROP INDEX CONCURRENTLY IF EXISTS i;\nCREATE INDEX CONCURRENTLY ix ON accounts (name);": true,
		"DROP INDEX CONCURRENTLY IF EXISTS identifiers_account;":                                 true,
		"-- contraction: some day\nALTER TABLE accounts DROP COLUMN a;":                          true,
		"ALTER TABLE accounts DROP COLUMN a;":                                                    true,
		"alter table accounts\n  add column a text not null;":                                    true,
		"ALTER TABLE accounts ADD COLUMN a text DEFAULT '', DROP COLUMN b;":                      true,
		"ALTER TABLE accounts ADD COLUMN a text, ADD CHECK (a <> '');":                           true,
		"ALTER TABLE accounts ADD COLUMN a text UNIQUE;":                                         true,
		"ALTER TABLE accounts ADD COLUMN a text REFERENCES b (c);":                               true,
		"ALTER TABLE accounts ADD COLUMN a text CHECK (a <> '');":                                true,
		"ALTER TABLE accounts RENAME COLUMN a TO b;":                                             true,
		"ALTER TABLE accounts ALTER COLUMN a SET NOT NULL;":                                      true,
		"CREATE UNIQUE INDEX i ON accounts (name);":                                              true,
		"CREATE TABLE other (a text); CREATE UNIQUE INDEX i ON accounts (name);":                 true,
		"CREATE TRIGGER t BEFORE INSERT ON accounts EXECUTE FUNCTION f();":                       true,
		"DROP TABLE accounts;":                                                  true,
		"DELETE FROM accounts;":                                                 true,
		"UPDATE accounts SET name = '';":                                        true,
		"INSERT INTO accounts (id) VALUES ('1');":                               true,
		"CREATE TABLE t (a text); TRUNCATE accounts;":                           true,
		"CREATE TABLE t AS SELECT 1; /* and */ DROP INDEX identifiers_account;": true,
	} {
		if got := contractions("-- +goose Up\n\n" + sql); (len(got) > 0) != told {
			t.Errorf("%s: got %q", sql, got)
		}
	}
}

var (
	remark      = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/`)
	literal     = regexp.MustCompile(`'(?:[^']|'')*'`)
	contraction = regexp.MustCompile(`(?m)^-- contraction: not used since v?\d+\.\d+`)

	// remade is an index that a run which was cut off may have left unfinished.
	remade = regexp.MustCompile(`drop index concurrently if exists (\w+); ?`)

	newTable  = regexp.MustCompile(`^create table (?:if not exists )?(\w+)`)
	newUnique = regexp.MustCompile(`^create unique index \w+ on (\w+)`)
	newRow    = regexp.MustCompile(`^insert into (\w+)`)
	newColumn = regexp.MustCompile(`^alter table \w+ add column \w+ \w+[^,]*$`)
	strict    = regexp.MustCompile(`\b(?:unique|references|check|primary|generated)\b`)
	harmless  = regexp.MustCompile(`^(?:create index|set (?:local )?lock_timeout|reset lock_timeout)\b`)
)

// contractions returns the statements that may break the release before,
// unless the migration says that it takes away.
func contractions(sql string) (found []string) {
	if contraction.MatchString(sql) {
		return nil
	}
	var made []string
	plain := literal.ReplaceAllString(remark.ReplaceAllString(sql, " "), "''")
	plain = strings.ToLower(strings.Join(strings.Fields(plain), " "))
	for statement := range strings.SplitSeq(remade.ReplaceAllString(plain, ""), ";") {
		statement = strings.TrimSpace(statement)
		if table := newTable.FindStringSubmatch(statement); table != nil {
			made = append(made, table[1])
			continue
		}
		if statement != "" && !adds(statement, made) {
			found = append(found, statement)
		}
	}
	for _, index := range remade.FindAllStringSubmatch(plain, -1) {
		if !strings.Contains(plain, index[0]+"create index concurrently "+index[1]+" ") {
			found = append(found, index[0])
		}
	}
	return found
}

// adds reports whether the statement only adds: anything to the tables that
// the migration has made, and to others what a program that knows nothing of
// it cannot run into.
func adds(statement string, made []string) bool {
	for _, own := range []*regexp.Regexp{newUnique, newRow} {
		if table := own.FindStringSubmatch(statement); table != nil {
			return slices.Contains(made, table[1])
		}
	}
	if newColumn.MatchString(statement) {
		required := strings.Contains(statement, "not null") && !strings.Contains(statement, " default ")
		return !required && !strict.MatchString(statement)
	}
	return harmless.MatchString(statement)
}
