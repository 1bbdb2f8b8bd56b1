package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"rekey/core/passhash"
)

// machine is one that writes so many KiB of a derivation's memory in 1 ms.
type machine int

func (m machine) measure(_ context.Context, cost passhash.Argon2Cost, _ int) (time.Duration, error) {
	return time.Duration(cost.Memory*cost.Iterations) * time.Millisecond / time.Duration(m), nil
}

func TestCalibrationTakesWhatThereIsAndNoLessThanTheFloors(t *testing.T) {
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		machine    machine
		target     time.Duration
		memory     int
		m, t       int // the least that is to be found
		note       string
		mostMemory bool // all of the memory is to be used
	}{
		"memory and time for all":          {1500, 250 * ms, 128 << 10, 128 << 10, 2, "", true},
		"a fast machine and little memory": {1_000_000, 100 * ms, 19456, 19456, 53, "", true},
		"time for more than is allowed":    {10_000_000, time.Second, 7168, 7168, 64, "", true},
		"memory for more than time":        {1500, 50 * ms, 256 << 10, 47104, 1, "", false},
		"little memory":                    {1500, 100 * ms, 19456, 19456, 7, "", true},
		"less memory, more iterations":     {1500, 100 * ms, 9216, 9216, 16, "", true},
		"time for the floor, just":         {1500, 26 * ms, 19456, 19456, 2, "", true},
		"no time for two iterations":       {1500, 25 * ms, 19456, 12288, 3, "", false},
		"no time at all":                   {100, 10 * ms, 64 << 10, 47104, 1, "longer than the target", false},
		"no memory at all":                 {1500, 100 * ms, 4096, 7168, 5, "least memory", false},
		"more memory than is ever taken":   {100000, time.Second, 1 << 30, passhash.MaxArgon2Memory, 4, "", false},
	} {
		cal := calibration{target: c.target, memory: c.memory, workers: 2, measure: c.machine.measure}
		got, err := cal.choose(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		floors := passhash.Argon2Floors()
		if got.Memory < floors[min(got.Iterations, len(floors))-1] {
			t.Errorf("%s: %+v is below OWASP's floor", name, got)
		}
		if got.Memory < c.m || got.Iterations < c.t || c.mostMemory && got.Memory != c.memory {
			t.Errorf("%s: got %+v, want m=%d t=%d at least", name, got, c.m, c.t)
		}
		if c.note == "" && (got.took > c.target || got.Memory > c.memory || got.note != "") || !strings.Contains(got.note, c.note) {
			t.Errorf("%s: got %+v", name, got)
		}
		config := passhash.Default()
		config.Argon2id = got.Argon2Cost
		config.Validate(func(key, problem string) { t.Errorf("%s: %s: %s", name, key, problem) })
	}
}

func TestAmountsOfMemoryAreRead(t *testing.T) {
	for text, want := range map[string]int{"256MiB": 256 << 10, "2GiB": 2 << 20, "1 MiB": 1 << 10, "64": 0, "64MB": 0, "-1MiB": 0, "0GiB": 0, "MiB": 0, "99999999GiB": 0} {
		if got, err := parseMemory(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
}
