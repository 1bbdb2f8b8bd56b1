package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"rekey/config"
)

// socketPaths returns where the socket of the server with this configuration may
// be, the best place first: named after its file, so that commands with the same
// --config find it.
func socketPaths(configured, file string) []string {
	switch configured {
	case "":
		return nil
	case config.SocketAuto:
	default:
		return []string{configured}
	}
	if path, err := filepath.Abs(file); err == nil && file != "" {
		file = path
	}
	digest := sha256.Sum256([]byte(file))
	name := hex.EncodeToString(digest[:8]) + ".sock"
	return []string{filepath.Join("/run/rekey", name), filepath.Join(ownFolder(), name)}
}

// ownFolder is this user's, in the folder for temporary files.
func ownFolder() string { return filepath.Join(os.TempDir(), fmt.Sprintf("rekey-%d", os.Getuid())) }

// openSocket listens on a socket that only this user can use.
func openSocket(ctx context.Context, cfg config.Operations, file string) (net.Listener, error) {
	if cfg.Socket != config.SocketAuto {
		return listenPrivately(ctx, cfg.Socket)
	}
	if err := os.Mkdir(ownFolder(), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	var problems []error
	for _, path := range socketPaths(cfg.Socket, file) {
		err := trustworthy(filepath.Dir(path))
		if err == nil {
			var listener net.Listener
			if listener, err = listenPrivately(ctx, path); err == nil {
				return listener, nil
			}
		}
		problems = append(problems, err)
	}
	return nil, errors.Join(problems...)
}

// socketPath returns where commands reach the server, or "".
func (s *server) socketPath() string {
	if l, ok := s.socket.(*privateListener); ok {
		return l.path
	}
	return ""
}

// trustworthy returns an error for a folder that others may change.
func trustworthy(folder string) error {
	info, err := os.Lstat(folder)
	switch {
	case err != nil:
		return err
	case !info.IsDir(), info.Mode().Perm()&0o022 != 0, userOf(info) != os.Getuid() && userOf(info) != 0:
		return fmt.Errorf("%s is no folder that this user alone may write to", folder)
	}
	return nil
}

// listenPrivately makes the socket where nobody else can reach it and moves it to
// its place, over one that a dead server has left. It never is there with more
// rights than it shall have.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	if conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", path); err == nil {
		_ = conn.Close()
		return nil, fmt.Errorf("another server listens at %s", path)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket == 0 {
		return nil, fmt.Errorf("%s is no socket, and is left as it is", path)
	}
	folder, err := os.MkdirTemp(filepath.Dir(path), ".rekey-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	inside := filepath.Join(folder, "s")
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", inside)
	if err != nil {
		return nil, err
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false) // it lies elsewhere by then
	if err = os.Chmod(inside, 0o600); err == nil {
		err = os.Rename(inside, path)
	}
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return &privateListener{listener, path}, nil
}

// privateListener takes its socket away when it is closed.
type privateListener struct {
	net.Listener
	path string
}

// Close implements [net.Listener].
func (l *privateListener) Close() error {
	err := l.Listener.Close()
	if err == nil {
		_ = os.Remove(l.path)
	}
	return err
}

// socketAt returns an error unless the server behind the socket runs as this user,
// or this user is root, who may talk to any.
func socketAt(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case info.Mode()&os.ModeSocket == 0:
		return fmt.Errorf("%s is no socket", path)
	case os.Getuid() != 0 && userOf(info) != os.Getuid():
		return fmt.Errorf("%s belongs to another user; run this as the one that the server runs as", path)
	}
	return nil
}
