package console_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rekey/adapters/console"
	"rekey/core"
)

func TestAnExportHasAllThatTheFiltersSay(t *testing.T) {
	w := newWorld(t)
	for i := range 450 {
		w.account(core.NewAccount{Username: fmt.Sprintf("user-%03d", i)})
	}
	b := w.signedIn()
	got := b.get("/console/audit/export.csv?what=account.created")
	rows, err := csv.NewReader(got.Body).ReadAll()
	noError(t, err)
	if len(rows) != 452 || rows[0][2] != "action" || rows[1][2] != "account.created" || rows[451][0] != "end of the export" || rows[451][1] != "450 events" {
		t.Errorf("got %d rows, the last %q", len(rows), rows[len(rows)-1])
	}
	if kind, as := got.Header().Get("Content-Type"), got.Header().Get("Content-Disposition"); kind != "text/csv; charset=utf-8" || as != `attachment; filename="audit-20260302T120000Z.csv"` {
		t.Errorf("got %s %s", kind, as)
	}
	ids := map[string]bool{}
	for _, row := range rows[1:451] {
		ids[row[0]] = true
	}
	if len(ids) != 450 {
		t.Errorf("%d events are told", len(ids))
	}
	lines := strings.Split(strings.TrimSpace(b.get("/console/audit/export.jsonl?what=account.created").Body.String()), "\n")
	if len(lines) != 451 || lines[450] != `{"complete":true,"events":450}` || !json.Valid([]byte(lines[0])) {
		t.Errorf("got %d lines, the last %s", len(lines), lines[len(lines)-1])
	}
}

func TestAnExportThatBreaksOffSaysSo(t *testing.T) {
	w := newWorld(t)
	w.now = time.Now() // deadlines of connections are the machine's
	for i := range 450 {
		w.account(core.NewAccount{Username: fmt.Sprintf("user-%03d", i)})
	}
	b := w.signedIn()
	inside, asked := w.inside, atomic.Int32{}
	w.inside = http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "cursor=") {
			if asked.Add(1) == 2 {
				http.Error(to, `{"code":"unavailable","title":"The service is not available now; try again"}`, http.StatusServiceUnavailable)
				return
			}
		}
		inside.ServeHTTP(to, r)
	})
	server := httptest.NewServer(w.server)
	defer server.Close()
	for _, file := range []string{"csv", "jsonl"} {
		asked.Store(0)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/console/audit/export."+file+"?what=account.created", nil)
		noError(t, err)
		r.AddCookie(b.cookies["rekey-console"])
		resp, err := server.Client().Do(r)
		noError(t, err)
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err == nil {
			t.Errorf("%s: the client takes it for whole", file)
		}
		if n := strings.Count(string(text), "account.created"); n != 400 {
			t.Errorf("%s has %d events", file, n)
		}
		if lines := strings.Split(strings.TrimSpace(string(text)), "\n"); !strings.Contains(lines[len(lines)-1], "not available") || strings.Contains(lines[len(lines)-1], "true") {
			t.Errorf("%s ends with %s", file, lines[len(lines)-1])
		}
	}
	server.Close() // and nobody writes the log any more
	if !strings.Contains(w.log.String(), "broken off") {
		t.Error("the log does not say so")
	}
}

func TestAnExportThatCannotBeginIsAPage(t *testing.T) {
	b := newWorld(t).signedIn()
	if got := b.get("/console/audit/export.csv?outcome=good"); got.Code != http.StatusBadRequest || !strings.Contains(got.Header().Get("Content-Type"), "text/html") {
		t.Errorf("got %d %v", got.Code, got.Header())
	}
}

func TestNoCellIsAFormula(t *testing.T) {
	for cell, want := range map[string]string{
		"ada": "ada", "": "", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@sum": "'@sum", "\t=1": "'\t=1", "\r=1": "'\r=1", "＝1": "'＝1", "a=1": "a=1",
		"a;=1;@b": "a;'=1;'@b", " =1": "' =1", "a; +1": "a;' +1", "a;b": "a;b",
	} {
		if got := console.Harmless(cell); got != want {
			t.Errorf("%q: got %q", cell, got)
		}
	}
}
