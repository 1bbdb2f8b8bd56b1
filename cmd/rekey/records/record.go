// Package records reads accounts from files and from other systems' databases,
// and writes them to files. What it reads is input: a record that cannot be
// understood is told of and the next one is read. No text of an error holds a
// value of a record.
package records

import (
	"context"
	"fmt"

	"rekey/core"
)

// Record is one account as it was read.
type Record struct {
	Number  int           // of the line, the record or the user, see [Reader]
	Tenant  core.TenantID // "" if the record names none
	Account core.Account
	Fault   error  // why it could not be understood; nil if it was
	Skipped string // why it is none to import; "" if it is one
}

// Reader reads records one after another.
type Reader interface {
	// Next returns the next record, and [io.EOF] after the last one. Another
	// error is an end, too: nothing can be read behind it.
	Next(ctx context.Context) (Record, error)

	// What the records' numbers count, such as "line".
	What() string

	// Missing returns the fields of the mapping that no record had.
	Missing() []string
}

// Fault says what is wrong with a field of a record.
type Fault struct{ Field, Why string }

func (f *Fault) Error() string { return f.Field + ": " + f.Why }

func faultf(field, why string, args ...any) error { return &Fault{field, fmt.Sprintf(why, args...)} }
