package cluster

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// quick trades safety for speed: nothing has to survive.
const quick = `
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
`

// durable keeps what it commits, and lets standbys follow.
const durable = `
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_senders = 4
hot_standby = on
wal_retrieve_retry_interval = 200ms
`

// settings returns the lines for postgresql.conf. With dynamic memory in the
// folder, a server that is killed leaves little outside it.
func (c *Cluster) settings(o Options) string {
	listen, safety := "", quick
	if c.tcp {
		listen = "127.0.0.1"
	}
	if o.Durable {
		safety = durable
	}
	return fmt.Sprintf(`
listen_addresses = '%s'
port = %d
unix_socket_directories = '%s'
unix_socket_permissions = 0777
max_connections = 100
jit = off
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
deadlock_timeout = 50ms
`, listen, c.port, c.dir) + safety + o.Settings + "\n"
}

// appendTo keeps what pg_basebackup wrote for a standby.
func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return cmp.Or(err, f.Close())
}

// Installed reports whether there is a PostgreSQL on the machine.
func Installed() bool {
	_, err := binaries()
	return err == nil
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
		return "", ErrMissing
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return cmp.Compare(version(a), version(b)) })), nil
}

// parent returns the folder for clusters: what the options say, or in memory, where there is one and
// nothing has to last.
func parent(o Options) string {
	if o.Folder != "" {
		return o.Folder
	}
	if info, err := os.Stat("/dev/shm"); !o.Durable && err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// unprivileged returns the user that PostgreSQL accepts, if it is another than
// this process's, and gives the folder to that user.
func unprivileged(dir string) (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil //nolint:nilnil // no other user is needed
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
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(dir, uid, gid)
}

// freePort returns a port of loopback that nobody listens on now.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
