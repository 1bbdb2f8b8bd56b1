package faults

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// link is one connection through the proxy.
type link struct {
	*proxy
	client, server net.Conn
	swallow        atomic.Bool // the answer to a commit is not sent on
	once           sync.Once
	gone           chan struct{}
}

// errCut says that the link was cut on purpose.
var errCut = errors.New("cut")

// run sends on what comes, both ways, until one of the ends is gone.
func (l *link) run() {
	var up sync.WaitGroup
	up.Go(func() {
		_ = l.upward()
		l.cut()
	})
	_ = l.downward()
	l.cut()
	up.Wait()
}

// cut breaks both connections.
func (l *link) cut() {
	l.once.Do(func() {
		close(l.gone)
		_ = l.client.Close()
		_ = l.server.Close()
	})
}

// upward sends on the client's messages.
func (l *link) upward() error {
	for read := newMessages(l.client); ; {
		message, commits, err := read.next()
		if err != nil {
			return err
		}
		spell := l.spell()
		if commits && spell.cut != cutNever && l.commits.Add(1)%cutEvery == 0 && l.cuts.Add(1) <= l.most {
			err = l.cutAt(spell.cut, message)
		} else {
			err = l.send(l.server, message)
		}
		if err != nil {
			return err
		}
	}
}

// cutAt does to a commit what the weather wants.
func (l *link) cutAt(moment cut, message []byte) error {
	switch moment {
	case cutWithin:
		_, _ = l.server.Write(message[:len(message)/2])
	case cutAfter:
		l.swallow.Store(true)
		_, err := l.server.Write(message)
		return err
	case cutNever, cutBefore:
	}
	return errCut
}

// downward sends on what the server answers.
func (l *link) downward() error {
	piece := make([]byte, 4096)
	for {
		n, err := l.server.Read(piece)
		if err != nil {
			return err
		}
		if l.swallow.Load() {
			if bytes.Contains(piece[:n], []byte("COMMIT\x00")) {
				return errCut
			}
			continue
		}
		if err := l.send(l.client, piece[:n]); err != nil {
			return err
		}
	}
}

// send sends a piece on when the weather lets it through.
func (l *link) send(to net.Conn, piece []byte) error {
	for spell := l.spell(); spell.stall; spell = l.spell() {
		l.waited.Add(1)
		select {
		case <-spell.over:
		case <-l.gone:
			return errCut
		}
	}
	spell := l.spell()
	wait := spell.delay
	if spell.rate > 0 {
		wait += time.Second * time.Duration(len(piece)) / time.Duration(spell.rate)
	}
	if wait > 0 {
		l.waited.Add(1)
		select {
		case <-time.After(wait):
		case <-spell.over:
		case <-l.gone:
			return errCut
		}
	}
	_, err := to.Write(piece)
	return err
}
