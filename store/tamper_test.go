package store_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rekey/core"
	"rekey/core/audit"
	"rekey/core/seal"
	"rekey/store"
)

// zeros is no randomness that anything here depends on.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func ring(t testing.TB) *seal.Ring {
	t.Helper()
	keys, err := seal.New("k1", map[string][]byte{"k1": make([]byte, seal.KeySize)}, zeros{})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// sealedTrail makes a trail of five batches of four events, and some that wait.
func sealedTrail(t testing.TB, db opened, sealer core.Sealer) {
	t.Helper()
	for n := range 23 {
		e := core.Event{
			ID: core.EventID(fmt.Sprintf("e%02d", n)), At: planned.Add(time.Duration(n) * time.Second), Tenant: []core.TenantID{"acme", "birch", ""}[n%3],
			Account: core.AccountID(strconv.Itoa(n % 2)), Action: core.PasswordRefused, Outcome: core.WrongPassword, Proof: core.ByKnowledge, Actor: "idp:root", Origin: core.Origin{Dialect: "zap", RequestID: "r"},
		}
		if err := db.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if n == 19 {
			s := audit.Sealing{Trail: db, Sealer: sealer, Now: func() time.Time { return planned }, Batch: 4, Report: func(audit.Seal, error) {}}
			if sealed, err := s.All(t.Context()); err != nil || sealed != 20 {
				t.Fatalf("got %d, %v", sealed, err)
			}
		}
	}
}

// findings verifies the trail.
func findings(t testing.TB, db opened, anchors ...audit.Anchor) (found []audit.Finding) {
	t.Helper()
	v := audit.Verification{Trail: db, Check: audit.NewCheck(ring(t), 0, planned, anchors...), Found: func(f audit.Finding) { found = append(found, f) }}
	if _, err := v.Run(context.Background()); err != nil {
		found = append(found, audit.Finding{What: err.Error()})
	}
	return found
}

// alterations of a trail, each of a row or a batch that is drawn, and what is said of it.
var alterations = map[string]func(draw func(n int) int, event string, batch int) (sql, says string){
	"delete a row": func(_ func(int) int, event string, batch int) (string, string) {
		return "DELETE FROM events WHERE id = '" + event + "'", fmt.Sprintf("batch %d: row", batch)
	},
	"alter a row": func(draw func(n int) int, event string, batch int) (string, string) {
		column := []string{"account_id", "action", "proof", "outcome", "actor", "dialect", "addr", "request_id"}[draw(8)]
		return "UPDATE events SET " + column + " = " + column + " || 'x' WHERE id = '" + event + "'", fmt.Sprintf("batch %d: event %s", batch, event)
	},
	"alter a row's time": func(_ func(int) int, event string, batch int) (string, string) {
		return "UPDATE events SET at = (SELECT max(at) FROM events) WHERE id = '" + event + "'", fmt.Sprintf("batch %d: event %s", batch, event)
	},
	"rename a row": func(_ func(int) int, event string, batch int) (string, string) {
		return "UPDATE events SET id = id || 'x' WHERE id = '" + event + "'", fmt.Sprintf("batch %d: event %sx", batch, event)
	},
	"move a row to another tenant": func(_ func(int) int, event string, batch int) (string, string) {
		return "UPDATE events SET tenant = tenant || 'x' WHERE id = '" + event + "'", fmt.Sprintf("batch %d: event %s", batch, event)
	},
	"take a row out of its batch": func(_ func(int) int, event string, batch int) (string, string) {
		return "UPDATE events SET batch = NULL WHERE id = '" + event + "'", fmt.Sprintf("batch %d: row", batch)
	},
	"move a row to another batch": func(_ func(int) int, event string, batch int) (string, string) {
		return "UPDATE events SET batch = batch % 5 + 1 WHERE id = '" + event + "'", fmt.Sprintf("batch %d: event %s", batch%5+1, event)
	},
	"move a row to no batch": func(draw func(n int) int, event string, _ int) (string, string) {
		to := []int{-7, 0, 6, 99}[draw(4)]
		return fmt.Sprintf("UPDATE events SET batch = %d WHERE id = '%s'", to, event), "event " + event
	},
	"insert a row": func(_ func(int) int, event string, batch int) (string, string) {
		return strings.ReplaceAll(`INSERT INTO events (tenant, id, at, account_id, action, proof, outcome, actor, dialect, addr, request_id, batch)
			SELECT tenant, id || 'x', at, account_id, action, proof, outcome, actor, dialect, addr, request_id, batch FROM events WHERE id = 'EVENT'`, "EVENT", event), fmt.Sprintf("batch %d: event %sx", batch, event)
	},
	"swap what rows say": func(_ func(int) int, event string, batch int) (string, string) {
		return fmt.Sprintf("UPDATE events SET account_id = CASE account_id WHEN '1' THEN '0' ELSE '1' END WHERE batch = %d", batch), fmt.Sprintf("batch %d: event %s", batch, event)
	},
	"delete a seal":      onSeal("DELETE FROM seals WHERE seq = %d", ""),
	"alter a seal":       onSeal("UPDATE seals SET sealed_at = first || sealed_at WHERE seq = %d", "the seal was altered"),
	"alter a count":      onSeal("UPDATE seals SET rows = rows + 1 WHERE seq = %d", "the seal was altered"),
	"alter a root":       onSeal("UPDATE seals SET root = prev WHERE seq = %d", "the seal was altered"),
	"alter a link":       onSeal("UPDATE seals SET prev = root WHERE seq = %d", "the seal was altered"),
	"alter a digest":     onSeal("UPDATE seals SET digest = root WHERE seq = %d", "the seal was altered"),
	"drop the leaves":    onSeal("UPDATE seals SET leaves = '' WHERE seq = %d", "the list of its leaves was altered"),
	"alter a MAC":        onSeal("UPDATE seals SET mac = (SELECT mac FROM seals WHERE seq = 6 - 1) || 'A' WHERE seq = %d", "MAC does not hold"),
	"drop a MAC":         onSeal("UPDATE seals SET mac = '' WHERE seq = %d", "no MAC, though"),
	"call it pruned":     onSeal("UPDATE seals SET pruned = '2999' WHERE seq = %d", "gone before their time"),
	"move the head back": func(func(int) int, string, int) (string, string) { return "UPDATE seal_head SET seq = seq - 1", "head" },
	"move the head back whole": func(func(int) int, string, int) (string, string) {
		return "UPDATE seal_head SET seq = 4, digest = (SELECT digest FROM seals WHERE seq = 4)", "beyond the head"
	},
	"delete the head": func(func(int) int, string, int) (string, string) { return "DELETE FROM seal_head", "no head" },
	"cut off the end": func(_ func(int) int, _ string, batch int) (string, string) {
		return fmt.Sprintf("DELETE FROM events WHERE batch >= %d; DELETE FROM seals WHERE seq >= %d", batch, batch), "seals were removed at the end"
	},
	"cut off the beginning": func(_ func(int) int, _ string, batch int) (string, string) {
		return fmt.Sprintf("DELETE FROM events WHERE batch <= %d; DELETE FROM seals WHERE seq <= %d", batch, batch), ""
	},
}

func onSeal(format, says string) func(func(int) int, string, int) (string, string) {
	return func(_ func(int) int, _ string, batch int) (string, string) { return fmt.Sprintf(format, batch), says }
}

func TestWhateverIsTamperedWithIsFound(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		sealedTrail(t, db, ring(t))
		if found := findings(t, db); len(found) > 0 {
			t.Fatalf("untouched: got %v", found)
		}
		for _, table := range sealedTables {
			db.run(t, "CREATE TABLE kept_"+table+" AS SELECT * FROM "+table)
		}
		names := slices.Sorted(maps.Keys(alterations))
		for _, name := range names {
			for _, row := range []int{0, 9, 19} {
				tamper(t, db, name, row, func(int) int { return 0 })
				tamper(t, db, name, row, func(n int) int { return n - 1 })
			}
		}
		rapid.Check(t, func(r *rapid.T) {
			name, row := rapid.SampledFrom(names).Draw(r, "do"), rapid.IntRange(0, 19).Draw(r, "row")
			tamper(t, db, name, row, func(n int) int { return rapid.IntRange(0, n-1).Draw(r, "which") })
		})
		if found := findings(t, db); len(found) > 0 {
			t.Fatalf("restored: got %v", found)
		}
	})
}

var sealedTables = []string{"events", "seals", "seal_head"}

// tamper alters the trail at the row, wants it found, and restores all.
func tamper(t *testing.T, db opened, name string, row int, draw func(n int) int) {
	t.Helper()
	event, batch := fmt.Sprintf("e%02d", row), row/4+1
	if name == "drop a MAC" && batch == 1 { // of the first nobody knows that there was one
		batch = 2
	}
	sql, says := alterations[name](draw, event, batch)
	db.run(t, sql)
	found := findings(t, db)
	if !slices.ContainsFunc(found, func(f audit.Finding) bool { return strings.Contains(f.String(), says) }) {
		t.Errorf("%s: %s\n\tgot %v, want one of %q", name, sql, found, says)
	}
	for _, table := range sealedTables {
		db.run(t, "DELETE FROM "+table)
		db.run(t, "INSERT INTO "+table+" SELECT * FROM kept_"+table)
	}
}

// Whoever writes to the database can make all of a chain without keys anew: an anchor
// or a key tells it apart.
func TestAnAnchorOrAKeyTellsAForgedTrail(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		sealedTrail(t, db, ring(t))
		head, err := db.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if found := findings(t, db, head, audit.Anchor{Seq: head.Seq - 1, Digest: head.Digest}); len(found) != 1 {
			t.Errorf("an anchor that holds and one that does not: got %v", found)
		}
		db.run(t, "UPDATE events SET batch = NULL, actor = 'idp:innocent'")
		db.run(t, "DELETE FROM seals")
		db.run(t, "UPDATE seal_head SET seq = 0, digest = '"+audit.Digest{}.String()+"'")
		forge := audit.Sealing{Trail: db, Now: time.Now, Batch: 4, Report: func(audit.Seal, error) {}}
		if n, err := forge.All(t.Context()); err != nil || n != 23 {
			t.Fatalf("got %d, %v", n, err)
		}
		if found := findings(t, db); len(found) != 0 { // as the documents say
			t.Errorf("without an anchor: got %v", found)
		}
		if found := findings(t, db, head); len(found) != 1 || !strings.Contains(found[0].String(), "anchored") {
			t.Errorf("with an anchor: got %v", found)
		}
		db.run(t, "UPDATE seals SET mac = 'k1.AAAA'")
		if found := findings(t, db); len(found) != 6 {
			t.Errorf("forged MACs: got %v", found)
		}
	})
}

// In SQLite a column takes any type, and a blob is not found by the text that it holds.
func TestAChangedTypeIsFound(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "rekey.db")
		db := look(t, "sqlite:"+path, "sqlite", path)
		sealedTrail(t, db, nil)
		for _, sql := range []string{
			"UPDATE events SET tenant = CAST(tenant AS blob) WHERE id = 'e07'",
			"UPDATE events SET at = 'once upon a time' WHERE id = 'e08'",
			"UPDATE events SET addr = 'nowhere' WHERE id = 'e09'",
		} {
			db.run(t, sql)
			id := sql[len(sql)-4 : len(sql)-1]
			if found := findings(t, db); !slices.ContainsFunc(found, func(f audit.Finding) bool { return f.Row != nil && f.Row.ID == id }) {
				t.Errorf("%s: got %v", sql, found)
			}
		}
	})
}

// A sealer that is killed leaves nothing half done, and the next goes on.
func TestAKilledSealerResumes(t *testing.T) {
	onBoth(t, func(t *testing.T, db opened) {
		sealedTrail(t, db, nil)
		rows, err := db.Unsealed(t.Context(), audit.Row{}, 9)
		if err != nil {
			t.Fatal(err)
		}
		head, err := db.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s := audit.NewSeal(head, rows, planned, nil)
		for n := range 3 { // before each of its statements
			ctx, kill := context.WithCancel(t.Context())
			left := n
			stop := store.Watch(db.DB, func(string, []any) {
				if left--; left < 0 {
					kill()
				}
			})
			err := db.Seal(ctx, s, rows)
			stop()
			kill()
			if err == nil && n < 2 {
				t.Fatalf("killed after %d statements: got no error", n)
			}
			if now, _ := db.Head(t.Context()); err != nil && now != head {
				t.Fatalf("killed after %d statements: the head moved", n)
			}
			if found := findings(t, db); len(found) != 0 {
				t.Errorf("killed after %d statements: got %v", n, found)
			}
		}
		sealing := audit.Sealing{Trail: db, Now: time.Now, Batch: 2, Report: func(audit.Seal, error) {}}
		if _, err := sealing.All(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left, err := db.Unsealed(t.Context(), audit.Row{}, 9); err != nil || len(left) != 0 {
			t.Errorf("got %v, %v, want all sealed", left, err)
		}
		if found := findings(t, db); len(found) != 0 {
			t.Errorf("resumed: got %v", found)
		}
	})
}
