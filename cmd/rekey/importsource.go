package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"rekey/cmd/rekey/records"
)

// extent is how much there is to import, and how much of it was read.
type extent struct {
	total int64 // 0 if unknown
	read  func() int64
}

// open returns the reader of what is to be imported. The caller calls done.
func (o importing) open(command *cobra.Command, args []string) (reader records.Reader, size extent, done func(), err error) {
	if o.from == "unleash" {
		u, err := records.OpenUnleash(command.Context(), o.dsn)
		if err != nil {
			return nil, size, nil, err
		}
		counted := &countedReader{Reader: u}
		return counted, extent{u.Total(), counted.n.Load}, func() { _ = u.Close(command.Context()) }, nil
	}
	file, total, err := openInput(command, args[0])
	if err != nil {
		return nil, size, nil, err
	}
	bytes := &countedBytes{Reader: file}
	reader, err = o.parse(bytes, args[0])
	if err != nil {
		_ = file.Close()
		return nil, size, nil, err
	}
	return reader, extent{total, bytes.n.Load}, func() { _ = file.Close() }, nil
}

// openInput opens a file, or standard input for -. The size is 0 if it is unknown.
func openInput(command *cobra.Command, name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(command.InOrStdin()), 0, nil
	}
	file, err := os.Open(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return file, 0, err
	}
	return file, info.Size(), nil
}

// parse returns the reader for the file's format.
func (o importing) parse(from io.Reader, name string) (records.Reader, error) {
	var mapping *records.Mapping
	if len(o.mapping) > 0 || o.preset != "" {
		var err error
		if mapping, err = records.NewMapping(o.mapping, o.preset, o.dialect, dialectNames()); err != nil {
			return nil, err
		}
	}
	buffered := bufio.NewReaderSize(from, 1<<16)
	switch format := o.formatOf(buffered, name); format {
	case "csv":
		return records.NewCSV(buffered, mapping, dialectNames())
	case "json":
		return records.NewArray(buffered, mapping), nil
	case "jsonl":
		return records.NewLines(buffered, mapping), nil
	default:
		return nil, fmt.Errorf("--format %s: choose jsonl, json or csv", format)
	}
}

// formatOf returns the format that was said, or that the name or the first byte
// of the file tells. A file called .json may have an object a line.
func (o importing) formatOf(from *bufio.Reader, name string) string {
	switch extension := strings.ToLower(filepath.Ext(name)); {
	case o.format != "" && o.format != "json":
		return o.format
	case o.format == "" && extension == ".csv":
		return "csv"
	case o.format == "" && (extension == ".jsonl" || extension == ".ndjson"):
		return "jsonl"
	}
	start, _ := from.Peek(512)
	switch first := strings.TrimLeft(strings.TrimPrefix(string(start), "\ufeff"), " \t\r\n"); {
	case strings.HasPrefix(first, "["):
		return "json"
	case strings.HasPrefix(first, "{") || o.format == "json" || strings.EqualFold(filepath.Ext(name), ".json"):
		return "jsonl"
	}
	return "csv"
}

// countedBytes counts what was read, while others look.
type countedBytes struct {
	io.Reader
	n atomic.Int64
}

func (c *countedBytes) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// countedReader counts records.
type countedReader struct {
	records.Reader
	n atomic.Int64
}

func (c *countedReader) Next(ctx context.Context) (records.Record, error) {
	c.n.Add(1)
	return c.Reader.Next(ctx)
}
