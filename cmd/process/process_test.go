package process_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"rekey/cmd/process"
)

func TestAProcessIsRead(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	for begun := time.Now(); time.Since(begun) < 50*time.Millisecond; { // works
		_ = make([]byte, 1<<20)
	}
	cpu, err := process.CPU(os.Getpid())
	if err != nil || cpu <= 0 || cpu > time.Hour {
		t.Errorf("processor time: got %v, %v", cpu, err)
	}
	peak, err := process.PeakMemory(os.Getpid())
	if err != nil || peak < 1<<20 || peak > 1<<40 {
		t.Errorf("memory: got %d, %v", peak, err)
	}
	const nobody = 1 << 30
	if _, err := process.CPU(nobody); err == nil {
		t.Error("nobody has processor time")
	}
	if _, err := process.PeakMemory(nobody); err == nil {
		t.Error("nobody has memory")
	}
}
