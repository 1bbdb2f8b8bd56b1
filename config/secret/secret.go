// Package secret holds the secrets of a configuration: text that prints as a
// mask, given literally or in a file.
package secret

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"rekey/core"
)

// Value is a secret of the configuration. It prints, logs and marshals as
// [core.Mask]. The zero value is not set.
type Value struct {
	core.Secret
	path string
}

// New returns the secret with the given text.
func New(text string) Value { return Value{Secret: core.NewSecret(text)} }

// InFile returns a secret whose text is the content of the file at path. It
// is not set before [Value.Read].
func InFile(path string) Value { return Value{path: path} }

// IsSet reports whether the secret has a text, and the text is not empty.
func (v Value) IsSet() bool { return !v.IsEmpty() }

// Path returns the file that holds the secret, or "" if it was given
// literally.
func (v Value) Path() string { return v.path }

// Source says where the secret comes from and reveals nothing else: "" if it
// is not set, [core.Mask] if it was given literally, "{file: PATH}" otherwise.
func (v Value) Source() string {
	switch {
	case v.path != "":
		return fmt.Sprintf("{file: %s}", v.path)
	case v.IsSet():
		return core.Mask
	}
	return ""
}

// maxFile bounds a secret's file, so that /dev/zero is refused too.
const maxFile = 64 << 10

// Read returns v with the text of its file, and v itself if it was given
// literally. One line end at the end of the file is dropped. An empty file is
// an error, as is one over 64 KiB. The error's text fits behind the secret's
// key and tells nothing of the content.
func (v Value) Read() (Value, error) {
	if v.path == "" {
		return v, nil
	}
	content, err := read(v.path)
	if err != nil {
		return v, fmt.Errorf("cannot read the file %q: %w", v.path, cause(err))
	}
	if len(content) > maxFile {
		return v, fmt.Errorf("the file %q is larger than %d bytes", v.path, maxFile)
	}
	text, ended := strings.CutSuffix(string(content), "\n")
	if ended {
		text = strings.TrimSuffix(text, "\r")
	}
	if text == "" {
		return v, fmt.Errorf("the file %q is empty", v.path)
	}
	v.Secret = core.NewSecret(text)
	return v, nil
}

func read(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxFile+1))
}

// cause drops the path, which the caller says already.
func cause(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}
