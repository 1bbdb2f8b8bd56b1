package mailtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// task is the variable that makes a test binary an SMTP server.
const task = "REKEY_TEST_MAILTEST"

// Process is an SMTP server in a process of its own: this test binary, run
// once more.
type Process struct {
	Options
	folder  string
	command *exec.Cmd
}

// Main serves if this process was started to, and returns otherwise. It is
// the first thing that TestMain calls in a package that starts processes.
func Main() {
	folder := os.Getenv(task)
	if folder == "" {
		return
	}
	var o Options
	if err := json.Unmarshal([]byte(os.Getenv(task+"_OPTIONS")), &o); err != nil {
		panic(err)
	}
	listener, err := listen(&o)
	if err != nil {
		panic(err)
	}
	var taken atomic.Int64
	server := o.server(func(m Mail) { write(folder, taken.Add(1), m) })
	fmt.Println(o.Address)
	go func() { // whoever started it holds the other end
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	_ = server.Serve(listener)
	os.Exit(0)
}

// write stores a mail before it is acknowledged.
func write(folder string, n int64, m Mail) {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	path := filepath.Join(folder, fmt.Sprintf("%d-%06d.json", os.Getpid(), n))
	if err := os.WriteFile(path+".part", text, 0o600); err != nil {
		panic(err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		panic(err)
	}
}

// StartProcess starts a server in a process that ends with the test.
func StartProcess(t testing.TB, o Options) *Process {
	t.Helper()
	p := &Process{Options: o, folder: t.TempDir()}
	p.Restart(t)
	t.Cleanup(p.Kill)
	return p
}

// Restart starts the process once more, at the address that it had.
func (p *Process) Restart(t testing.TB) {
	t.Helper()
	options, err := json.Marshal(p.Options)
	if err != nil {
		t.Fatal(err)
	}
	p.command = exec.Command(os.Args[0])
	p.command.Env = append(os.Environ(), task+"="+p.folder, task+"_OPTIONS="+string(options))
	p.command.Stderr = os.Stderr
	if _, err := p.command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	p.Address = strings.TrimSpace(line)
}

// Kill ends the process as kill -9 does. It may be dead already.
func (p *Process) Kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

// PID returns the process's id.
func (p *Process) PID() int { return p.command.Process.Pid }

// Mails returns what the processes have taken.
func (p *Process) Mails() (found []Mail) {
	files, err := filepath.Glob(filepath.Join(p.folder, "*.json"))
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		var m Mail
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			panic(err)
		}
		found = append(found, m)
	}
	return found
}

// Wait returns the mails once there are n, and fails the test after a while.
func (p *Process) Wait(t testing.TB, n int) []Mail { return wait(t, n, p.Mails) }
