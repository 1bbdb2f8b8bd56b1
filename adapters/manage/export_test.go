package manage

import "rekey/adapters"

// Faults returns the table.
func Faults() adapters.Faults { return faults }

// IdempotencyKey reads headers.
func IdempotencyKey(headers ...string) (string, error) { return idempotencyKey(headers) }

// CursorAt and CursorOf make and read cursors.
func CursorAt(kind byte, place string) string { return cursorAt(kind, place) }

// CursorOf reads a cursor.
func CursorOf(kind byte, text string) (string, error) { return query{"cursor": text}.cursor(kind) }
