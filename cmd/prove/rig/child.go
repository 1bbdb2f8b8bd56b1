package rig

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
)

// child is a process of rekey. It dies with the process that started it.
type child struct {
	command *exec.Cmd
	log     string // the file of what it writes
	ended   chan struct{}
	end     error // how it ended; readable when ended is closed
}

// launch starts rekey in the folder, with further lines of environment and
// none of this process's own that rekey would read.
func launch(binary, dir string, environ []string, args ...string) (*child, error) {
	log, err := os.CreateTemp(dir, "log-*.jsonl")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own
	c := &child{log: log.Name(), ended: make(chan struct{})}
	c.command = exec.Command(binary, args...) //nolint:gosec,noctx // ours, and it is ended by signals
	c.command.Stdout, c.command.Stderr, c.command.Dir = log, log, dir
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "REKEY_") {
			c.command.Env = append(c.command.Env, line)
		}
	}
	c.command.Env = append(c.command.Env, environ...)
	c.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return c, c.begin()
}

// begin starts the process from a thread of its own: the kernel ends a process
// with the thread that started it, so the thread stays until the process ends.
func (c *child) begin() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := c.command.Start()
		started <- err
		if err == nil {
			c.end = c.command.Wait()
			close(c.ended)
		}
	}()
	return <-started
}

// Kill ends the process by SIGKILL, and waits until it is gone.
func (c *child) Kill() error {
	_ = c.command.Process.Kill() // it may have ended
	<-c.ended
	return nil
}

// Stop asks the process to end by SIGTERM, and returns its exit status when it
// has.
func (c *child) Stop() (status int, err error) {
	if err := c.command.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	<-c.ended
	return c.command.ProcessState.ExitCode(), nil
}

// Ended is closed when the process has ended, for whatever reason.
func (c *child) Ended() <-chan struct{} { return c.ended }

// Tail returns the end of the log.
func (c *child) Tail() string {
	log, _ := os.ReadFile(c.log)
	return string(log[max(0, len(log)-2000):])
}

// Said returns all that the process wrote.
func (c *child) Said() string {
	log, _ := os.ReadFile(c.log)
	return string(log)
}
