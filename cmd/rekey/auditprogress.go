package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// sealProgress tells a person how far a walk over the trail is: in one line on a
// terminal, elsewhere in a line now and then. A short walk says nothing.
type sealProgress struct {
	w        io.Writer
	terminal bool
	told     time.Time
	any      bool
}

func newSealProgress(w io.Writer) *sealProgress {
	file, ok := w.(*os.File)
	return &sealProgress{w: w, terminal: ok && term.IsTerminal(int(file.Fd())), told: time.Now()}
}

func (p *sealProgress) tell(done, all int64) {
	every := 5 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if time.Since(p.told) < every {
		return
	}
	p.told, p.any = time.Now(), true
	line := fmt.Sprintf("batch %d of %d, %d %%", done, all, 100*done/max(1, all))
	if p.terminal {
		_, _ = fmt.Fprintf(p.w, "\r%s\x1b[K", line)
		return
	}
	say(p.w, "%s", line)
}

// end clears the line.
func (p *sealProgress) end() {
	if p.terminal && p.any {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}
