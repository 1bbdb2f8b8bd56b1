package cluster

import (
	"os"
	"os/exec"
	"syscall"
)

// The keeper runs the server and holds the reading end of a pipe from its
// maker, who writes start. When the maker ends, however it ends, the pipe
// closes: the keeper stops the server and removes the folder, and what shared
// memory a killed server left, which its lock file names.
const keeper = `
bin=$1 dir=$2
while read -r _; do
	[ -z "$pid" ] || wait "$pid"
	"$bin/postgres" -D "$dir/data" >>"$dir/log" 2>&1 &
	pid=$!
done
[ -z "$pid" ] || kill -QUIT "$pid" 2>/dev/null
wait
left=$(sed -n '7s/.* //p' "$dir/data/postmaster.pid" 2>/dev/null)
[ -z "$left" ] || ipcrm -m "$left" 2>/dev/null
rm -rf "$dir"
`

// keep starts the keeper. Its pipe's writing end stays open, and unreferenced
// by any finalizer, until [Cluster.Remove] or the end of this process.
func (c *Cluster) keep() error {
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
	command := exec.Command("/bin/sh", "-c", keeper, "sh", c.bin, c.dir)
	command.Stdin, command.Dir = stdin, "/"
	// An interrupt from the keyboard is not for the keeper.
	command.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Setpgid: true}
	if err := command.Start(); err != nil {
		return err
	}
	c.keeper = pipe[1]
	return command.Process.Release()
}
