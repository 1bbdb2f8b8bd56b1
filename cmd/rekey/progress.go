package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// counts is how far an import is.
type counts struct{ read, refused int }

// progress tells how far a long command is.
type progress interface {
	tell(c counts)
	end(c counts)
}

// newProgress returns a bar where w is a terminal, and lines elsewhere.
func newProgress(w io.Writer, what string, size extent) progress {
	pace := pace{what: what, size: size, start: time.Now()}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		total := size.total
		if total == 0 {
			total = -1
		}
		return &bar{pace, progressbar.NewOptions64(total,
			progressbar.OptionSetWriter(w), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true), progressbar.OptionShowElapsedTimeOnFinish(), progressbar.OptionSetWidth(30),
		)}
	}
	return &plainLines{pace: pace, w: w, last: pace.start}
}

// pace is how quick it is.
type pace struct {
	what  string
	size  extent
	start time.Time
}

func (p pace) words(c counts) string {
	seconds := time.Since(p.start).Seconds()
	return fmt.Sprintf("%d %ss, %d refused, %.0f/s", c.read, p.what, c.refused, float64(c.read)/max(seconds, 1e-3))
}

// left returns how long the rest takes if it goes on so; 0 if nobody knows.
func (p pace) left() time.Duration {
	read := p.size.read()
	if read <= 0 || p.size.total <= read {
		return 0
	}
	return time.Duration(float64(time.Since(p.start)) * float64(p.size.total-read) / float64(read)).Round(time.Second)
}

type bar struct {
	pace
	*progressbar.ProgressBar
}

func (b *bar) tell(c counts) {
	b.Describe(b.words(c))
	_ = b.Set64(b.size.read())
}

func (b *bar) end(counts) { _ = b.Finish() }

// lineEvery is how often a line is written.
const lineEvery = 5 * time.Second

type plainLines struct {
	pace
	w    io.Writer
	last time.Time
}

func (l *plainLines) tell(c counts) {
	if time.Since(l.last) < lineEvery {
		return
	}
	l.last = time.Now()
	rest := ""
	if left := l.left(); left > 0 {
		rest = fmt.Sprintf(", %v left", left)
	}
	say(l.w, "%s%s", l.words(c), rest)
}

func (l *plainLines) end(c counts) { say(l.w, "%s, done", l.words(c)) }
