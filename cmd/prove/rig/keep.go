package rig

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// keeper removes a folder when its maker closes a pipe or ends, however it
// ends. What still writes there is dying too, so it looks twice.
const keeper = `cat >/dev/null; rm -rf "$1" || { sleep 1; rm -rf "$1"; }`

// keep starts the keeper of the rig's folder, and returns what releases it and
// waits until the folder is gone.
func keep(dir string) (release func() error, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	command := exec.Command("/bin/sh", "-c", keeper, "sh", dir) //nolint:gosec,noctx // it outlives every context
	command.Stdin, command.Dir = read, "/"
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt from the keyboard is not for it
	err = errors.Join(command.Start(), read.Close())
	return func() error { return errors.Join(write.Close(), command.Wait()) }, err
}
