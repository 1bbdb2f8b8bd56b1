package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
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
	*child
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
	c, err := launch(i.Rig.Binary, i.Dir, environ, "serve", "--config", i.File)
	if err != nil {
		return nil, err
	}
	return &Server{PID: c.command.Process.Pid, Log: c.log, installation: i, child: c}, nil
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
