package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// texts is a column that holds a JSON object of texts.
type texts map[string]string

// Value implements [driver.Valuer].
func (t texts) Value() (driver.Value, error) { return t.text(), nil }

func (t texts) text() string {
	if len(t) == 0 {
		return "{}"
	}
	text, _ := json.Marshal(t) // of texts it never fails
	return string(text)
}

// Scan implements [database/sql.Scanner].
func (t *texts) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("a JSON object is %T, not text", value)
	}
	*t = nil
	if text == "{}" {
		return nil
	}
	return json.Unmarshal([]byte(text), t)
}
