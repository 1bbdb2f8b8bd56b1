package process_test

import (
	"runtime"
	"testing"
	"time"

	"rekey/cmd/process"
)

func TestCoresAreRead(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	before, err := process.Cores()
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for time.Since(begun) < 200*time.Millisecond { // works
	}
	after, err := process.Cores()
	if err != nil {
		t.Fatal(err)
	}
	busy, all := after.Busy-before.Busy, after.Busy+after.Idle+after.Stolen-before.Busy-before.Idle-before.Stolen
	cores := time.Duration(runtime.NumCPU())
	if took := time.Since(begun); busy < 50*time.Millisecond || all > 2*cores*took+cores*100*time.Millisecond {
		t.Errorf("in %v of work got %v busy of %v", took, busy, all)
	}
}

func TestWhatCoresDidIsToldApart(t *testing.T) {
	got, err := process.ReadCores("cpu  1 2 3 40 50 6 7 8 900 9000\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
	want := process.Machine{Busy: 190 * time.Millisecond, Idle: 900 * time.Millisecond, Stolen: 80 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, bad := range []string{"", "cpu 1 2 3", "intr 1 2 3 4 5 6 7 8 9", "cpu 1 2 3 x 5 6 7 8 9"} {
		if got, err := process.ReadCores(bad); err == nil {
			t.Errorf("%q: got %+v", bad, got)
		}
	}
}
