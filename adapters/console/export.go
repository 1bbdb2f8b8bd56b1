package console

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/labstack/echo/v4"
)

const exportPath = home + "/audit/export"

// exported writes events in one form. What it writes ends with a line that says so, or
// it was broken off.
type exported interface {
	begin() error
	event(event) error
	end(n int, wrong *words) error
}

// exportAs serves the events that the filters mean as a file.
func exportAs(kind, extension string, form func(io.Writer) exported) func(*visit) error {
	return func(v *visit) error {
		asked, err := v.trail(v.filters(filterNames...))
		if err != nil {
			return err
		}
		asked.Set("order", "newest")
		asked.Set("limit", "200")
		var first trailPage
		if err := v.get("/events", asked, &first); err != nil {
			return err // before anything is written: a page tells it
		}
		header := v.Response().Header()
		header.Set(echo.HeaderContentType, kind)
		header.Set(echo.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="audit-%s%s"`, v.Now().UTC().Format("20060102T150405Z"), extension))
		v.Response().WriteHeader(http.StatusOK)
		return v.export(asked, first, form(v.Response()))
	}
}

// pagePatience is how long one page of an export may take to be read and sent. The
// whole may take as long as it takes.
const pagePatience = 30 * time.Second

// export writes page after page, and keeps no more than one. It goes on for as long as
// the client reads; an export that fails is broken off, so that the client knows.
func (v *visit) export(asked url.Values, page trailPage, to exported) error {
	control, n := http.NewResponseController(v.Response()), 0
	err := to.begin()
	for err == nil {
		for _, e := range page.Events {
			if to.event(e) != nil {
				return nil //nolint:nilerr // nobody reads it
			}
			n++
		}
		_ = control.SetWriteDeadline(v.Now().Add(pagePatience))
		if err = control.Flush(); err != nil || page.Next == "" {
			break
		}
		asked.Set("cursor", page.Next)
		page = trailPage{}
		err = v.nextPage(asked, &page)
	}
	if err == nil {
		return to.end(n, nil)
	}
	wrong := wordsOf(err)
	_ = to.end(n, &wrong)
	_ = control.Flush()
	_ = control.SetWriteDeadline(time.Unix(1, 0)) // the connection ends without the end of the answer
	v.Log.WarnContext(v.Request().Context(), "an export of the audit trail is broken off", "request_id", v.api.requestID, "events", n, "error", err.Error())
	return nil
}

// nextPage is not bound by how long one request may take.
func (v *visit) nextPage(asked url.Values, page *trailPage) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.Request().Context()), pagePatience)
	defer cancel()
	return v.api.get(ctx, "/events", asked, page)
}

// jsonLines writes one object a line.
type jsonLines struct{ *json.Encoder }

func newJSONLines(w io.Writer) exported {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return jsonLines{encoder}
}

func (jsonLines) begin() error          { return nil }
func (j jsonLines) event(e event) error { return j.Encode(e) }

func (j jsonLines) end(n int, wrong *words) error {
	last := struct {
		Complete bool   `json:"complete"`
		Events   int    `json:"events"`
		Error    string `json:"error,omitempty"`
	}{Complete: wrong == nil, Events: n}
	if wrong != nil {
		last.Error = wrong.Heading
	}
	return j.Encode(last)
}

// table writes a table for spreadsheets.
type table struct{ *csv.Writer }

func newTable(w io.Writer) exported { return table{csv.NewWriter(w)} }

func (t table) row(cells ...string) error {
	for i, cell := range cells {
		cells[i] = harmless(cell)
	}
	if err := t.Write(cells); err != nil {
		return err
	}
	t.Flush()
	return t.Error()
}

func (t table) begin() error {
	return t.row("id", "at", "action", "outcome", "account", "proof", "actor", "dialect", "address", "request_id")
}

func (t table) event(e event) error {
	return t.row(string(e.ID), e.At.UTC().Format(time.RFC3339Nano), string(e.Action), string(e.Outcome), string(e.Account),
		string(e.Proof), string(e.Actor), string(e.Dialect), string(e.Address), string(e.RequestID))
}

func (t table) end(n int, wrong *words) error {
	said := fmt.Sprintf("%d events", n)
	if wrong == nil {
		return t.row("end of the export", said, "", "", "", "", "", "", "", "")
	}
	return t.row("broken off", said, wrong.Heading, "", "", "", "", "", "", "")
}

// harmless returns the text as a cell that no spreadsheet takes for a formula, not even
// one that parts cells at semicolons, as many countries' do.
func harmless(cell string) string { return formula.ReplaceAllString(cell, "$1'$2") }

var formula = regexp.MustCompile(`(^|;)( *[=+\-@\t\r\n|%＝＋－＠])`)
