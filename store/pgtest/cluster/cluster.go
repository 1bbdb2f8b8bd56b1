// Package cluster runs PostgreSQL servers that are thrown away: for tests, and
// for harnesses that kill, restart and promote them.
//
// It uses the binaries that are installed on the machine, as another user
// where it runs as root. Nothing is left behind: when the process that made a
// cluster ends, however it ends, the server is stopped and its folder removed.
package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrMissing says that there is no PostgreSQL on the machine.
var ErrMissing = errors.New("no PostgreSQL here")

// Options say what a cluster is like.
type Options struct {
	// Durable keeps what it commits: fsync and all that belongs to it are on,
	// standbys may follow, and the folder is on disk. Otherwise the cluster
	// trades safety for speed.
	Durable bool
	// TCP makes it listen on a free port of loopback besides its socket.
	TCP bool
	// Folder is where the cluster's folder is made; empty for one of the
	// machine's. The user that the server runs as must be able to enter it.
	Folder string
	// Settings are lines of postgresql.conf, laid over the others.
	Settings string
}

// Cluster is one server with its databases.
type Cluster struct {
	bin, dir string
	port     int // of the socket, and of loopback if tcp
	tcp      bool
	as       *syscall.Credential
	keeper   int // the writing end of the keeper's pipe
}

// New makes a cluster and starts its server, in about half a second.
func New(o Options) (*Cluster, error) {
	return build(o, func(c *Cluster) error {
		return c.run("initdb", "-D", c.data(), "--username=rekey", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync", "--no-instructions")
	})
}

// Standby makes a cluster that follows c, under the application name that
// synchronous_standby_names may hold, and starts its server.
func (c *Cluster) Standby(name string, o Options) (*Cluster, error) {
	return build(o, func(s *Cluster) error { return s.copyOf(c, name) })
}

// build fills a new folder and starts a server in it.
func build(o Options, fill func(c *Cluster) error) (*Cluster, error) {
	c, err := newFolder(o)
	if err != nil {
		return nil, err
	}
	if err := fill(c); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	conf := filepath.Join(c.data(), "postgresql.auto.conf") // read after postgresql.conf
	if err := appendTo(conf, c.settings(o)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.keep(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.Start(); err != nil {
		return nil, errors.Join(err, c.Remove())
	}
	return c, nil
}

func newFolder(o Options) (c *Cluster, err error) {
	c = &Cluster{port: 5432, tcp: o.TCP}
	if c.bin, err = binaries(); err != nil {
		return nil, err
	}
	if c.tcp {
		if c.port, err = freePort(); err != nil {
			return nil, err
		}
	}
	if c.dir, err = os.MkdirTemp(parent(o), "rekey-pg-"); err != nil {
		return nil, err
	}
	if c.as, err = unprivileged(c.dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	return c, nil
}

// Start starts the server again after [Cluster.Stop] or [Cluster.Kill], and
// waits until it answers.
func (c *Cluster) Start() error {
	if _, err := syscall.Write(c.keeper, []byte("start\n")); err != nil {
		return fmt.Errorf("the keeper is gone: %w", err)
	}
	deadline := time.Now().Add(60 * time.Second)
	for {
		err := c.Execute("postgres", "SELECT 1")
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server does not answer: %w: %s", err, bytes.TrimSpace(c.Log()))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// URL returns how to connect to a database over the server's socket, with
// parameters beside it.
func (c *Cluster) URL(database string, parameters url.Values) string {
	query := url.Values{"host": {c.dir}, "port": {strconv.Itoa(c.port)}}
	for key, values := range parameters {
		query[key] = values
	}
	escaped := strings.ReplaceAll(query.Encode(), "+", "%20") // pgx takes a plus for itself
	return (&url.URL{Scheme: "postgres", User: url.User("rekey"), Path: "/" + database, RawQuery: escaped}).String()
}

// Address returns where the server listens on loopback, "" if only on its socket.
func (c *Cluster) Address() string {
	if !c.tcp {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port))
}

// Create makes an empty database.
func (c *Cluster) Create(database string) error {
	return c.Execute("postgres", "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()+" TEMPLATE template0")
}

// Promote makes a standby the primary, and waits until it is.
func (c *Cluster) Promote() error { return c.Execute("postgres", "SELECT pg_promote(true, 60)") }

// Log returns what the server wrote.
func (c *Cluster) Log() []byte {
	log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	return log
}

// Execute runs one statement in the database, on a connection of its own.
func (c *Cluster) Execute(database, statement string) error {
	return Execute(c.URL(database, nil), statement)
}

// Execute runs one statement on a connection of its own.
func Execute(dsn, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// WAL returns the folder of the server's write-ahead log.
func (c *Cluster) WAL() string { return filepath.Join(c.data(), "pg_wal") }

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// run runs one of PostgreSQL's programs as the cluster's user.
func (c *Cluster) run(program string, args ...string) error {
	command := exec.Command(filepath.Join(c.bin, program), args...)
	command.Dir, command.SysProcAttr = c.dir, &syscall.SysProcAttr{Credential: c.as}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}
