package records

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rekey/core"
)

// Writer writes accounts.
type Writer interface {
	Write(a core.Account) error
	Flush() error
}

type linesWriter struct{ to *jsontext.Encoder }

// NewWriter writes one JSON object a line, with all that an import takes. The
// same accounts make the same bytes.
func NewWriter(to io.Writer) Writer { return linesWriter{jsontext.NewEncoder(to)} }

func (w linesWriter) Write(a core.Account) error {
	return json.MarshalEncode(w.to, ownOf(a), json.Deterministic(true))
}

func (linesWriter) Flush() error { return nil }

type csvWriter struct{ to *csv.Writer }

var header = []string{
	"tenant", "id", "username", "email", "name", "disabled", "external_ids", "attributes", "hash",
	"password_changed_at", "tokens_valid_after", "created_at",
}

// NewCSVWriter writes CSV, without the history and the second factor.
func NewCSVWriter(to io.Writer) (Writer, error) {
	w := csvWriter{csv.NewWriter(to)}
	return w, w.to.Write(header)
}

func (w csvWriter) Write(a core.Account) error {
	ids, err := object(a.ExternalIDs)
	if err != nil {
		return err
	}
	attributes, err := object(a.Attributes)
	if err != nil {
		return err
	}
	return w.to.Write([]string{
		string(a.Tenant), string(a.ID), a.Username, a.Email, a.Name, strconv.FormatBool(a.Disabled), ids, attributes, a.Verifier,
		moment(a.PasswordChangedAt), moment(a.TokensValidAfter), moment(a.CreatedAt),
	})
}

func (w csvWriter) Flush() error {
	w.to.Flush()
	return w.to.Error()
}

func object(texts map[string]string) (string, error) {
	if len(texts) == 0 {
		return "", nil
	}
	text, err := json.Marshal(texts, json.Deterministic(true))
	return string(text), err
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
