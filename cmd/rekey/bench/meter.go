package bench

import (
	"syscall"
	"time"

	"rekey/cmd/process"
)

// ownCPU returns the processor time of this process so far.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// processCPU returns the processor time of a process so far; 0 if it is not
// known.
func processCPU(pid int) time.Duration {
	cpu, err := process.CPU(pid)
	if err != nil {
		return 0
	}
	return cpu
}

// peakMemory returns the most memory that a process has had resident, in bytes;
// 0 if it is not known.
func peakMemory(pid int) int64 {
	peak, err := process.PeakMemory(pid)
	if err != nil {
		return 0
	}
	return peak
}
