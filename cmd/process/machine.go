package process

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"time"
)

// Machine is what all cores have done so far, to 10 ms for each. Another machine on
// the same hardware had what was Stolen.
type Machine struct{ Busy, Idle, Stolen time.Duration }

// Cores returns it (proc_stat(5)).
func Cores() (Machine, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return Machine{}, err
	}
	return cores(string(text))
}

func cores(stat string) (m Machine, err error) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return m, errors.New("/proc/stat tells nothing of the cores")
	}
	for i, field := range fields[1:9] { // what guests have is told twice, and left out here
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return m, err
		}
		spent := time.Duration(n) * tick
		switch i {
		case 3, 4: // idle, and idle while a disk is waited for
			m.Idle += spent
		case 7:
			m.Stolen += spent
		default:
			m.Busy += spent
		}
	}
	return m, nil
}
