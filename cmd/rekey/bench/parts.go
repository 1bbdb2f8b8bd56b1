package bench

import (
	"fmt"
	"time"

	"rekey/cmd/process"
)

// Parts is where the cores of the machine were while passwords were changed, in
// cores. They add up to all that it has.
type Parts struct {
	Derivations float64 `json:"derivations"` // what those of the changes take where nothing else runs
	Server      float64 `json:"server"`      // all else that the server did, its derivations being slower included
	Clients     float64 `json:"clients"`     // on the same machine
	Others      float64 `json:"others"`      // other processes and the kernel: a database that is a process, the network, disks
	Stolen      float64 `json:"stolen"`      // by other machines on the same hardware
	Idle        float64 `json:"idle"`
}

// ceiling returns the most that the share of raw derivations could have been, given
// what else took processor time: raw derivations, which had so many cores, were alone.
func (p Parts) ceiling(raw float64) float64 {
	if raw <= 0 {
		return 0
	}
	return min(1, (p.Derivations+p.Idle)/raw)
}

func (p Parts) String() string {
	return fmt.Sprintf("%.3f derivations, %.3f the server beside them, %.3f clients, %.3f others, %.3f stolen, %.3f idle",
		p.Derivations, p.Server, p.Clients, p.Others, p.Stolen, p.Idle)
}

// judgeParts fills in where the cores were, of what was seen in all rounds, if that is
// known. Derivations is the processor time of what was derived for the changes, at
// what it takes alone, and raw how many cores derivations have then.
func (r *Report) judgeParts(s seen, derivations time.Duration, raw float64) {
	all := s.cores.Busy + s.cores.Idle + s.cores.Stolen
	if s.cpu == 0 || all == 0 || s.took == 0 {
		return
	}
	in := func(d time.Duration) float64 { return d.Seconds() / s.took.Seconds() }
	r.Parts = &Parts{
		Derivations: in(derivations), Server: in(s.cpu - derivations), Clients: in(s.own),
		Others: in(s.cores.Busy - s.cpu - s.own), Stolen: in(s.cores.Stolen), Idle: in(s.cores.Idle),
	}
	r.Ceiling = r.Parts.ceiling(raw)
}

// coresNow returns what the cores have done so far; nothing where that is not known.
func coresNow() process.Machine {
	m, err := process.Cores()
	if err != nil {
		return process.Machine{}
	}
	return m
}

func since(before, now process.Machine) process.Machine {
	return process.Machine{Busy: now.Busy - before.Busy, Idle: now.Idle - before.Idle, Stolen: now.Stolen - before.Stolen}
}

func sumOf(a, b process.Machine) process.Machine {
	return process.Machine{Busy: a.Busy + b.Busy, Idle: a.Idle + b.Idle, Stolen: a.Stolen + b.Stolen}
}
