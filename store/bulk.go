package store

import (
	"strings"

	"gorm.io/gorm"
)

// column is a column of rows that are inserted together.
type column interface {
	label() (name, kind string)
	all() any     // a pointer to the values: gorm would spread a slice
	at(i int) any // one of the values
}

type values[T any] struct {
	name, kind string
	list       []T
}

func (v *values[T]) label() (name, kind string) { return v.name, v.kind }
func (v *values[T]) all() any                   { return &v.list }
func (v *values[T]) at(i int) any               { return v.list[i] }

// of returns a column of rows. kind is PostgreSQL's.
func of[R, T any](rows []R, name, kind string, get func(r *R) T) column {
	v := &values[T]{name, kind, make([]T, len(rows))}
	for i := range rows {
		v.list[i] = get(&rows[i])
	}
	return v
}

// table is what is inserted into one.
type table struct {
	name    string
	key     string // the kind of key that a duplicate is a conflict over; "" if there can be none
	rows    int
	columns []column
}

func (t table) into() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i], _ = c.label()
	}
	return "INSERT INTO " + t.name + " (" + strings.Join(names, ", ") + ")"
}

// unnest inserts as PostgreSQL is quickest at, by one array a column.
func unnest(tx *gorm.DB, t table) error {
	arrays := make([]string, len(t.columns))
	args := make([]any, len(t.columns))
	for i, c := range t.columns {
		_, kind := c.label()
		arrays[i], args[i] = "?::"+kind+"[]", c.all()
	}
	return tx.Exec(t.into()+" SELECT * FROM unnest("+strings.Join(arrays, ", ")+")", args...).Error
}

// rowsAtOnce is how many rows one of SQLite's statements inserts: with more of
// them none takes less time.
const rowsAtOnce = 64

// list inserts by statements that name their values.
func list(tx *gorm.DB, t table) error {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ") + ")"
	for from := 0; from < t.rows; from += rowsAtOnce {
		many := min(rowsAtOnce, t.rows-from)
		args := make([]any, 0, many*len(t.columns))
		for i := from; i < from+many; i++ {
			for _, c := range t.columns {
				args = append(args, c.at(i))
			}
		}
		rows := strings.TrimSuffix(strings.Repeat(row+", ", many), ", ")
		if err := tx.Exec(t.into()+" VALUES "+rows, args...).Error; err != nil {
			return err
		}
	}
	return nil
}
