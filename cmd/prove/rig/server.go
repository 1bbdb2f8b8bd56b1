package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"rekey/cmd/process"
	"rekey/core"
)

// Server is one process of rekey that serves an installation. It dies with the
// process that started it.
type Server struct {
	URL        string // where clients reach it
	Operations string // where its health is asked
	PID        int
	Log        string        // the file of its log
	ReadyAfter time.Duration // from its start until it was ready

	installation *Installation
	command      *exec.Cmd
	ended        chan struct{}
	end          error // how it ended; readable when ended is closed
}

// readyPatience bounds how long a server may take until it is ready.
const readyPatience = 60 * time.Second

// Start starts a server, with further lines of environment, such as
// REKEY_LOG__LEVEL=debug, and waits until it is ready.
func (i *Installation) Start(ctx context.Context, environ ...string) (*Server, error) {
	begun := time.Now()
	s, err := i.Launch(environ...)
	if err != nil {
		return nil, err
	}
	if err := s.Await(ctx, readyPatience); err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	s.ReadyAfter = time.Since(begun)
	return s, nil
}

// Launch starts a server and waits for nothing.
func (i *Installation) Launch(environ ...string) (*Server, error) {
	log, err := os.CreateTemp(i.Dir, "log-*.jsonl")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the server has its own
	s := &Server{Log: log.Name(), installation: i, ended: make(chan struct{})}
	s.command = exec.Command(i.Rig.Binary, "serve", "--config", i.File) //nolint:gosec,noctx // ours, and it is ended by signals
	s.command.Stdout, s.command.Stderr, s.command.Dir = log, log, i.Dir
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "REKEY_") {
			s.command.Env = append(s.command.Env, line)
		}
	}
	s.command.Env = append(s.command.Env, environ...)
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return s, s.begin()
}

// begin starts the process from a thread of its own: the kernel ends a process
// with the thread that started it, so the thread stays until the process ends.
func (s *Server) begin() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := s.command.Start()
		started <- err
		if err == nil {
			s.end = s.command.Wait()
			close(s.ended)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.PID = s.command.Process.Pid
	return nil
}

// Await waits until the server is ready, and learns where it listens.
func (s *Server) Await(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for s.URL == "" || !s.Ready(ctx) {
		if s.URL == "" {
			s.introduce()
		}
		select {
		case <-s.ended:
			return fmt.Errorf("the server ended before it was ready: %w: %s", s.end, s.Tail())
		case <-ctx.Done():
			return fmt.Errorf("the server does not get ready: %w: %s", ctx.Err(), s.Tail())
		case <-time.After(2 * time.Millisecond):
		}
	}
	return nil
}

// introduce reads where the server listens from the log's line of that.
func (s *Server) introduce() {
	log, _ := os.ReadFile(s.Log)
	for line := range bytes.Lines(log) {
		var entry struct{ Msg, Address, Operations string }
		if json.Unmarshal(line, &entry) == nil && entry.Msg == "serving" {
			s.URL, s.Operations = "http://"+entry.Address, entry.Operations
		}
	}
}

// Ready reports whether the server says that it is ready.
func (s *Server) Ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Operations+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}

// Client returns a client that has the tenant's credentials.
func (s *Server) Client(tenant core.TenantID) *Client {
	return NewClient(s.URL, s.installation.Keys[tenant])
}

// Kill ends the server by SIGKILL, and waits until it is gone.
func (s *Server) Kill() error {
	_ = s.command.Process.Kill() // it may have ended
	<-s.ended
	return nil
}

// Stop asks the server to end by SIGTERM, and returns its exit status when it
// has.
func (s *Server) Stop() (status int, err error) {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	<-s.ended
	return s.command.ProcessState.ExitCode(), nil
}

// Ended is closed when the server has ended, for whatever reason.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// PeakMemory returns the most memory that the server has had resident so far,
// in bytes.
func (s *Server) PeakMemory() (int64, error) {
	select {
	case <-s.ended:
		usage, _ := s.command.ProcessState.SysUsage().(*syscall.Rusage)
		return usage.Maxrss << 10, nil
	default:
	}
	return process.PeakMemory(s.PID)
}

// Tail returns the end of the log.
func (s *Server) Tail() string {
	log, _ := os.ReadFile(s.Log)
	return string(log[max(0, len(log)-2000):])
}
