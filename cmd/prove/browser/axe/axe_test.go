package axe_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rekey/cmd/prove/browser/axe"
	"rekey/core/leftout"
)

func TestTheScriptIsFetchedOnceAndKept(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	script, err := axe.Script(t.Context())
	if errors.Is(err, axe.ErrUnavailable) {
		leftout.Skip(t, err.Error())
	}
	if err != nil || !strings.Contains(script, "axe v"+axe.Version) {
		t.Fatalf("got %.60q, %v; want axe %s", script, err, axe.Version)
	}
	noRegistry(t)
	if again, err := axe.Script(t.Context()); err != nil || again != script {
		t.Errorf("from the cache: got %d bytes, %v; want %d", len(again), err, len(script))
	}
	replace(t, cache, "another script")
	if _, err := axe.Script(t.Context()); !errors.Is(err, axe.ErrUnavailable) {
		t.Errorf("of another package, and no registry: got %v, want that it is not to be had", err)
	}
}

// noRegistry makes every way to the registry fail.
func noRegistry(t *testing.T) {
	t.Helper()
	t.Setenv("npm_config_registry", "http://127.0.0.1:1/")
	t.Setenv("npm_config_fetch_retries", "0")
	t.Setenv("npm_config_cache", t.TempDir())
}

// replace puts another package, whole in itself, in the place of what is kept.
func replace(t *testing.T, cache, script string) {
	t.Helper()
	kept, err := filepath.Glob(filepath.Join(cache, "rekey-ci", "*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept are %v, %v; want one package and nothing beside it", kept, err)
	}
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	files := tar.NewWriter(zipped)
	err = files.WriteHeader(&tar.Header{Name: "package/axe.min.js", Size: int64(len(script)), Mode: 0o644})
	_, wrote := files.Write([]byte(script))
	if err := errors.Join(err, wrote, files.Close(), zipped.Close(), os.WriteFile(kept[0], packed.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
}
