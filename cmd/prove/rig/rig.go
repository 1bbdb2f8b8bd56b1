// Package rig is what every harness stands on: a rekey that is built from this
// source tree, installations of it, servers as processes that can be killed,
// clients that speak as the vendors' do, and a ledger of what is certain,
// which an inspection holds the database to.
//
// The clients are written from the vendors' documents and share no code with
// rekey's adapters, so that one misreading is not made twice.
package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Rig is a folder to work in, and the rekey that is tested.
type Rig struct {
	Dir    string
	Binary string

	release func() error // removes the folder
}

// New builds rekey as it is released, without cgo, in a new folder. It takes
// seconds once anything has been built here, and a minute before. The caller
// closes the rig.
func New(ctx context.Context) (*Rig, error) {
	dir, err := os.MkdirTemp("", "rekey-prove-")
	if err != nil {
		return nil, err
	}
	r := &Rig{Dir: dir, Binary: filepath.Join(dir, "rekey")}
	if r.release, err = keep(dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := r.build(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close removes the folder, as the end of this process does, however it ends.
// Whatever runs from it must have ended.
func (r *Rig) Close() error { return r.release() }

func (r *Rig) build(ctx context.Context) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("find the source tree: %w", err)
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", r.Binary, "rekey/cmd/rekey") //nolint:gosec // nothing in it is input
	build.Dir = strings.TrimSpace(string(root))
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, out)
	}
	return nil
}
