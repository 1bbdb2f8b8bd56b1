package failover

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// errNoBalancer says that there is no HAProxy on the machine.
var errNoBalancer = errors.New("no HAProxy here (Debian: apt-get install haproxy)")

// configuration is what operators copy.
//
//go:embed haproxy.cfg
var configuration []byte

// balancer is a running HAProxy. It dies with the process that started it.
type balancer struct {
	URL     string
	stats   string // the socket that answers questions
	log     string
	command *exec.Cmd
	ended   chan struct{}
}

// names are the configuration's names of its servers, in order.
var names = []string{"one", "two", "three"}

// newBalancer starts HAProxy with the configuration, in dir, before servers
// that need not run yet.
func newBalancer(ctx context.Context, dir string, servers []endpoint) (*balancer, error) {
	program, err := haproxy()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	b := &balancer{URL: "http://" + loopback(port), stats: filepath.Join(dir, "haproxy.sock"), log: filepath.Join(dir, "haproxy.log"), ended: make(chan struct{})}
	file := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(file, configuration, 0o600); err != nil {
		return nil, err
	}
	b.command = exec.Command(program, "-db", "-f", file) //nolint:gosec,noctx // Debian's, and it is ended by a signal
	b.command.Env = append(os.Environ(), "REKEY_STATS="+b.stats, "REKEY_BIND="+loopback(port))
	for n, s := range servers {
		variable := "REKEY_" + []string{"ONE", "TWO", "THREE"}[n]
		b.command.Env = append(b.command.Env, variable+"="+loopback(s.port), variable+"_OPERATIONS="+strconv.Itoa(s.operations))
	}
	if err := b.start(); err != nil {
		return nil, err
	}
	return b, b.await(ctx)
}

// haproxy returns the path of the program, which users' PATH may lack.
func haproxy() (string, error) {
	for _, name := range []string{"haproxy", "/usr/sbin/haproxy"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoBalancer
}

// start starts the process from a thread of its own, which ends after it: the
// kernel ends a process with the thread that started it.
func (b *balancer) start() error {
	log, err := os.Create(b.log)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // HAProxy has its own
	b.command.Stdout, b.command.Stderr = log, log
	b.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := b.command.Start()
		started <- err
		if err == nil {
			_ = b.command.Wait()
			close(b.ended)
		}
	}()
	return <-started
}

// await waits until HAProxy answers.
func (b *balancer) await(ctx context.Context) error {
	for {
		if _, err := b.counters(); err == nil {
			return nil
		}
		select {
		case <-b.ended:
			log, _ := os.ReadFile(b.log)
			return fmt.Errorf("HAProxy does not start: %s", log)
		case <-ctx.Done():
			return errors.Join(ctx.Err(), b.Close())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// Close ends HAProxy.
func (b *balancer) Close() error {
	_ = b.command.Process.Kill() // it may have ended
	<-b.ended
	return nil
}

// awaitServers waits until the balancer sends requests to n servers.
func (b *balancer) awaitServers(ctx context.Context, n int) error {
	for {
		all, err := b.counters()
		if err != nil {
			return err
		}
		up := 0
		for _, name := range names {
			if all[name]["status"] == "UP" {
				up++
			}
		}
		if up == n {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d servers are up, want %d: %w", up, n, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// cut returns how many requests the balancer had sent to a server that broke
// off.
func (b *balancer) cut() (broken int, err error) {
	all, err := b.counters()
	for _, name := range names {
		broken += number(all[name]["eresp"])
	}
	return broken, err
}

// counters returns the counters of the backend's servers, by their names.
func (b *balancer) counters() (map[string]map[string]string, error) {
	conn, err := net.Dial("unix", b.stats) //nolint:noctx // it is on this machine
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "show stat\n"); err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(conn).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("HAProxy's statistics: %w", err)
	}
	all := map[string]map[string]string{}
	for _, row := range rows[1:] {
		if row[0] != "rekey" {
			continue
		}
		all[row[1]] = map[string]string{}
		for n, column := range rows[0] {
			all[row[1]][column] = row[n]
		}
	}
	return all, nil
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// fromBalancer reports whether the balancer made the answer itself: rekey
// names every request that reaches it.
func fromBalancer(r *http.Response) bool { return r.Header.Get("X-Request-Id") == "" }
