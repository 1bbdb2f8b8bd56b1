package store

// What the tests fuzz.

func SQLitePath(dsn string) (string, error) { return sqlitePath(dsn) }

// Texts returns what a column of texts is read back as.
func Texts(given map[string]string) (map[string]string, error) {
	var back texts
	value, err := texts(given).Value()
	if err == nil {
		err = back.Scan(value)
	}
	return back, err
}

// ScanTexts reads a column.
func ScanTexts(column string) error { return new(texts).Scan(column) }
