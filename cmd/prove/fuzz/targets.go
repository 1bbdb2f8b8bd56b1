package fuzz

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// target is one fuzz target.
type target struct{ Package, Name string }

// String returns the target as rekey/core.FuzzFold.
func (t target) String() string { return t.Package + "." + t.Name }

// weight returns how much of the time the target gets: the whole server has more
// to explore than any of its parts, and begins from hundreds of requests.
func (t target) weight() int {
	if t.Name == "FuzzConnection" {
		return 10
	}
	return 1
}

// list returns the targets of the packages that match the pattern.
func list(ctx context.Context, packages, pattern string) ([]target, error) {
	var out, problems bytes.Buffer
	command, err := goCommand(ctx, append([]string{"test", "-json", "-vet=off", "-list", pattern}, strings.Fields(packages)...)...)
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("list fuzz targets: %w: %s%s", err, out.Bytes(), problems.Bytes())
	}
	return listed(&out)
}

// listed reads what go test -json -list prints.
func listed(from io.Reader) ([]target, error) {
	var all []target
	for decode := json.NewDecoder(from); ; {
		var event struct{ Action, Package, Output string }
		if err := decode.Decode(&event); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("list fuzz targets: %w", err)
		}
		name := strings.TrimSuffix(event.Output, "\n")
		if event.Action == "output" && strings.HasPrefix(name, "Fuzz") && !strings.ContainsAny(name, " \t") {
			all = append(all, target{event.Package, name})
		}
	}
}

// goCommand returns the go command in the module's root. When ctx ends, it and
// all that it started are ended.
func goCommand(ctx context.Context, args ...string) (*exec.Cmd, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, fmt.Errorf("find the module: %w", err)
	}
	command := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the arguments are ours
	command.Dir = strings.TrimSpace(string(root))
	command.Env = append(os.Environ(), "NO_COLOR=1")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 10 * time.Second
	return command, nil
}

// fuzz runs the target for a time and returns what was seen. Its error is that
// of a run that says nothing of the target.
func (t target) fuzz(ctx context.Context, share time.Duration, progress io.Writer) (result, error) {
	command, err := goCommand(ctx, "test", "-run", "^$", "-fuzz", "^"+t.Name+"$", "-fuzztime", share.String(), "-fuzzminimizetime", "1s", t.Package)
	if err != nil {
		return result{}, err
	}
	pipe, err := command.StdoutPipe()
	if err != nil {
		return result{}, err
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		return result{}, err
	}
	found := result{Target: t.String()}
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		if found.read(lines.Text()) {
			_, _ = fmt.Fprintln(progress, "  "+lines.Text())
		}
	}
	failed := command.Wait()
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	found.judge(failed != nil)
	return found, nil
}
