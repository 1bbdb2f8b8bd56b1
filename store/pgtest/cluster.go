package pgtest

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// The keeper runs the server and holds the reading end of a pipe from the
// tests. When they end, however they end, the pipe closes: the keeper stops
// the server and removes its directory.
const keeper = `
"$1/postgres" -D "$2/data" >"$2/log" 2>&1 &
cat >/dev/null
kill -QUIT $!
wait
rm -rf "$2"
`

// settings trade safety for speed: nothing here has to survive.
const settings = `
listen_addresses = ''
unix_socket_directories = '%s'
unix_socket_permissions = 0777
max_connections = 100
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
jit = off
wal_level = minimal
max_wal_senders = 0
shared_buffers = 32MB
deadlock_timeout = 50ms
`

// start makes a cluster and returns the URL of its server.
func start() (_ string, err error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(parent(), "rekey-pg-")
	if err != nil {
		return "", err
	}
	kept := false
	defer func() {
		if !kept {
			_ = os.RemoveAll(dir)
		}
	}()
	attr, err := unprivileged(dir)
	if err != nil {
		return "", err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"),
		"--username=rekey", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync", "--no-instructions")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", fmt.Errorf("initdb: %w: %s", err, out)
	}
	conf := filepath.Join(dir, "data", "postgresql.auto.conf") // read after postgresql.conf
	if err := os.WriteFile(conf, fmt.Appendf(nil, settings, dir), 0o600); err != nil {
		return "", err
	}
	if err := keep(bin, dir, attr); err != nil {
		return "", err
	}
	kept = true
	return await(dir)
}

// keep starts the keeper. Its pipe's writing end stays open, and unreferenced
// by any finalizer, as long as this process lives.
func keep(bin, dir string, attr *syscall.SysProcAttr) error {
	var pipe [2]int
	syscall.ForkLock.RLock() // no other child may hold the writing end open
	err := syscall.Pipe(pipe[:])
	if err == nil {
		syscall.CloseOnExec(pipe[0])
		syscall.CloseOnExec(pipe[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return err
	}
	stdin := os.NewFile(uintptr(pipe[0]), "keeper")
	defer stdin.Close()
	attr.Setpgid = true // an interrupt from the keyboard is not for the keeper
	cmd := exec.Command("/bin/sh", "-c", keeper, "sh", bin, dir)
	cmd.Stdin, cmd.SysProcAttr, cmd.Dir = stdin, attr, dir
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

// await returns the server's URL once it answers.
func await(dir string) (string, error) {
	u := url.URL{
		Scheme: "postgres", User: url.User("rekey"), Path: "/postgres",
		RawQuery: url.Values{"host": {dir}}.Encode(),
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := execute(u.String(), "SELECT 1")
		if err == nil {
			return u.String(), nil
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return "", fmt.Errorf("the server does not answer: %w: %s", err, bytes.TrimSpace(log))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// binaries returns the folder of the newest PostgreSQL on the machine.
func binaries() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		return "", errMissing
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(version(a), version(b)) })), nil
}

// parent returns a folder in memory, where there is one.
func parent() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// unprivileged returns how to start a program as a user that PostgreSQL
// accepts, and gives the directory to that user.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	who := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return &syscall.SysProcAttr{Credential: who}, os.Chown(dir, uid, gid)
}
