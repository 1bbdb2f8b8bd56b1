package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"rekey/core/audit"
)

// rowColumns are the columns of an event in the order of [rowOf].
const rowColumns = "tenant, id, at, account_id, action, proof, outcome, actor, dialect, addr, request_id, batch"

// rows returns the events that ask asks for, as they are kept.
func (db *DB) rows(ctx context.Context, ask func(*gorm.DB) *gorm.DB) ([]audit.Row, error) {
	found, err := db.texts(ctx, ask(db.read.WithContext(ctx).Model(&eventRow{}).Select(rowColumns)))
	if err != nil {
		return nil, err
	}
	var rows []audit.Row
	for _, t := range found {
		rows = append(rows, audit.Row{
			Tenant: t[0], ID: t[1], At: t[2], Account: t[3], Action: t[4], Proof: t[5], Outcome: t[6],
			Actor: t[7], Dialect: t[8], Addr: t[9], RequestID: t[10], Batch: number(t[11]),
		})
	}
	return rows, nil
}

// sealRow is a row of seals.
type sealRow struct {
	Seq      int64 `gorm:"primaryKey;autoIncrement:false"`
	Prev     string
	Rows     int64
	First    string
	Last     string
	SealedAt string
	Root     string
	Digest   string
	Mac      string
	Leaves   []byte
	Pruned   string
}

func (sealRow) TableName() string { return "seals" }

func sealRowOf(s audit.Seal) *sealRow {
	row := sealRow{
		Seq: s.Seq, Prev: s.Prev.String(), Rows: s.Rows, First: s.First, Last: s.Last, SealedAt: s.SealedAt,
		Root: s.Root.String(), Digest: s.Digest.String(), Mac: s.MAC, Leaves: []byte{}, Pruned: s.Pruned,
	}
	for _, leaf := range s.Leaves {
		row.Leaves = append(row.Leaves, leaf[:]...)
	}
	return &row
}

// sealOf returns the seal of a row's texts. What is no digest becomes one that no
// seal has.
func sealOf(t []string) audit.Seal {
	s := audit.Seal{Seq: number(t[0]), Rows: number(t[2]), First: t[3], Last: t[4], SealedAt: t[5], MAC: t[8], Pruned: t[10]}
	s.Prev, _ = audit.ParseDigest(t[1])
	s.Root, _ = audit.ParseDigest(t[6])
	s.Digest, _ = audit.ParseDigest(t[7])
	for leaves := t[9]; len(leaves) > 0; {
		var leaf audit.Digest
		leaves = leaves[copy(leaf[:], leaves):]
		s.Leaves = append(s.Leaves, leaf)
	}
	return s
}

// texts runs a query and returns each value as a text, whatever was put in its
// place: who reads these rows looks for what was tampered with.
func (db *DB) texts(ctx context.Context, q *gorm.DB) (found [][]string, err error) {
	rows, err := q.Rows()
	if err != nil {
		return nil, classify(ctx, err)
	}
	defer func() { err = classify(ctx, errors.Join(err, rows.Close())) }()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		texts, err := scanTexts(rows, columns)
		if err != nil {
			return nil, err
		}
		found = append(found, texts)
	}
	return found, rows.Err()
}

func scanTexts(rows *sql.Rows, columns []*sql.ColumnType) ([]string, error) {
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	texts := make([]string, len(columns))
	for i, v := range values {
		texts[i] = textOf(v, columns[i].Name() == "leaves")
	}
	return texts, nil
}

// textOf returns a value as a text. In SQLite a column takes values of any type: a
// blob that holds a row's text is not found by it, so it is not the same.
func textOf(v any, blob bool) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		return audit.Stamp(v)
	case nil:
		return ""
	case []byte:
		if blob {
			return string(v)
		}
	}
	return fmt.Sprintf("%T: %v", v, v)
}

// number returns the number that a text is; -1 if it is none, 0 if there is none.
func number(text string) int64 {
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
