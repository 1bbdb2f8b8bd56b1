package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Stop ends the server: with [syscall.SIGQUIT] at once and without tidying up,
// as an immediate shutdown does, with [syscall.SIGINT] in order. It returns
// when the server is gone.
func (c *Cluster) Stop(signal syscall.Signal) error {
	pid, err := c.postmaster()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, signal); err != nil {
		return err
	}
	return gone(pid)
}

// Kill ends every process of the server by SIGKILL, as if the machine had lost
// them all at one instant. The server is stopped first, so that it starts no
// others.
func (c *Cluster) Kill() error {
	pid, err := c.postmaster()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	all := append([]int{pid}, children(pid)...)
	for _, p := range all {
		if err := syscall.Kill(p, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
	}
	return gone(all...)
}

// Remove stops the server and removes the cluster's folder. It waits for that.
func (c *Cluster) Remove() error {
	if err := syscall.Close(c.keeper); err != nil {
		return err
	}
	return await(func() bool {
		_, err := os.Stat(c.dir)
		return errors.Is(err, os.ErrNotExist)
	}, c.dir+" is still there")
}

// postmaster returns the id of the server's first process.
func (c *Cluster) postmaster() (int, error) {
	lock, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return 0, fmt.Errorf("the server does not run: %w", err)
	}
	first, _, _ := strings.Cut(string(lock), "\n")
	return strconv.Atoi(first)
}

// children returns the ids of the processes that pid started.
func children(pid int) (ids []int) {
	found, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range found {
		if parent, _ := stat(path); parent == strconv.Itoa(pid) {
			id, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			ids = append(ids, id)
		}
	}
	return ids
}

// stat returns the parent and the state of the process whose stat file it is:
// both are "" for one that is gone.
func stat(path string) (parent, state string) {
	text, _ := os.ReadFile(path)
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return "", ""
	}
	return fields[1], fields[0]
}

// gone waits until the processes have ended.
func gone(pids ...int) error {
	return await(func() bool {
		for _, pid := range pids {
			if _, state := stat(fmt.Sprintf("/proc/%d/stat", pid)); state != "" && state != "Z" && state != "X" {
				return false
			}
		}
		return true
	}, "the server is still there")
}

func await(done func() bool, otherwise string) error {
	for deadline := time.Now().Add(60 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			return errors.New(otherwise)
		}
	}
	return nil
}
