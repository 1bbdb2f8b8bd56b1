// Package process reads what Linux tells of a process that runs.
package process

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is what /proc counts processor time in, on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// CPU returns the processor time of the process so far, to 10 ms.
func CPU(pid int) (time.Duration, error) {
	stat, err := read(pid, "stat")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(stat, ") ") // the name may hold spaces
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("process %d tells no processor time", pid)
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, nil
}

// PeakMemory returns the most memory that the process has had resident so far,
// in bytes. It fails for one that is gone.
func PeakMemory(pid int) (int64, error) {
	status, err := read(pid, "status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(status, "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0, fmt.Errorf("process %d is gone", pid)
	}
	kib, err := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10, err
}

func read(pid int, name string) (string, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), name)) //nolint:gosec // two names, both ours
	return string(text), err
}
