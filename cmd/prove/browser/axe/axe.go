// Package axe fetches axe-core, which finds what keeps people from using a
// page. It is asked of the npm registry, held to one digest, and kept in the
// user's cache; it is no part of rekey.
package axe

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The version, and npm's dist.integrity of it.
const (
	Version   = "4.14.1"
	integrity = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
)

// ErrUnavailable says that there is no axe-core to be had.
var ErrUnavailable = errors.New("axe-core " + Version + " is not in the cache, and the npm registry does not give it")

// The registry that npm asks unless it is told another.
const registry = "https://registry.npmjs.org/"

// largest bounds the package and its script: they are 3 MB and 0.6 MB.
const largest = 16 << 20

// Script returns axe-core's script. The first time, it fetches the package.
func Script(ctx context.Context) (string, error) {
	file, err := cached()
	if err != nil {
		return "", err
	}
	packed, err := os.ReadFile(file) //nolint:gosec // in our folder of the cache
	if err == nil {
		if script, err := open(packed); err == nil {
			return script, nil
		}
	}
	if packed, err = fetch(ctx); err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	script, err := open(packed)
	if err != nil {
		return "", err
	}
	return script, keep(file, packed)
}

// open returns the script of a package, if its digest is right.
func open(packed []byte) (string, error) {
	if digest := sha512.Sum512(packed); "sha512-"+base64.StdEncoding.EncodeToString(digest[:]) != integrity {
		return "", errors.New("axe-core: the package is another one than it should be")
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if err != nil {
			return "", fmt.Errorf("axe-core: no script in the package: %w", err)
		}
		if header.Name == "package/axe.min.js" {
			script, err := io.ReadAll(io.LimitReader(files, largest))
			return string(script), err
		}
	}
}

func cached() (string, error) {
	folder, err := os.UserCacheDir()
	return filepath.Join(folder, "rekey-ci", "axe-core-"+Version+".tgz"), err
}

// keep writes the package whole, or not at all: others may look for it.
func keep(file string, packed []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), "axe-")
	if err != nil {
		return err
	}
	_, err = temporary.Write(packed)
	return errors.Join(err, temporary.Close(), os.Rename(temporary.Name(), file))
}

// fetch asks the registry that this machine is configured for: through npm, if
// there is one.
func fetch(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := exec.LookPath("npm"); err == nil {
		if packed, err := pack(ctx); err == nil {
			return packed, nil
		}
	}
	return download(ctx)
}

func pack(ctx context.Context) ([]byte, error) {
	folder, err := os.MkdirTemp("", "axe-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	npm := exec.CommandContext(ctx, "npm", "pack", "--silent", "axe-core@"+Version)
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack: %w: %s", err, out)
	}
	return os.ReadFile(filepath.Join(folder, "axe-core-"+Version+".tgz")) //nolint:gosec // in our folder
}

func download(ctx context.Context) ([]byte, error) {
	base := os.Getenv("npm_config_registry")
	if base == "" {
		base = registry
	}
	url := strings.TrimSuffix(base, "/") + "/axe-core/-/axe-core-" + Version + ".tgz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) //nolint:gosec // the registry of this machine's own user
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request) //nolint:gosec // as above
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, largest))
}
