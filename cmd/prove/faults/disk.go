package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// smallDisk mounts a disk of its own, in memory, of so many bytes.
func (s *stage) smallDisk(size int) (dir string, err error) {
	dir = filepath.Join(s.dir, "disk")
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL runs as another user
		return "", err
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("mode=1777,size=%d", size)); err != nil {
		return "", fmt.Errorf("%w: mount a small disk: %w", ErrPrivilege, err)
	}
	s.atEnd(func() error { return syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir, nil
}

// fill takes all space that the disk has left.
func fill(dir string) error {
	filler, err := os.Create(filepath.Join(dir, "filler")) //nolint:gosec // our own
	if err != nil {
		return err
	}
	defer func() { _ = filler.Close() }()
	for size := 1 << 20; size > 0; {
		if _, err = filler.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("fill the disk: %w", err)
	}
	return nil
}

// drain gives the space back.
func drain(dir string) error { return os.Remove(filepath.Join(dir, "filler")) }

// freeze makes files that stay open immutable, for root as well, as when the
// kernel stops writing to a disk that fails.
func freeze(files ...string) error { return chattr("+i", files) }

// thaw undoes freeze.
func thaw(files ...string) error { return chattr("-i", files) }

func chattr(flag string, files []string) error {
	if out, err := exec.Command("chattr", append([]string{flag}, files...)...).CombinedOutput(); err != nil { //nolint:gosec,noctx // our own files, and it takes no time
		return fmt.Errorf("%w: chattr: %w: %s", ErrPrivilege, err, out)
	}
	return nil
}
