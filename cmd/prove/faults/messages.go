package faults

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"regexp"
)

// messages reads what a client of PostgreSQL sends, just far enough to tell
// the commit of a changed password:
// https://www.postgresql.org/docs/current/protocol-message-formats.html.
type messages struct {
	from     io.Reader
	head     int             // bytes of the next one's head: the first has no type
	writes   map[string]bool // names of prepared statements that change a verifier
	ends     map[string]bool // and of those that commit
	changing bool            // a verifier was changed in this transaction
}

// change is a statement that changes a verifier.
var change = regexp.MustCompile(`^\s*UPDATE "?accounts"? SET .*\bverifier\b`)

func newMessages(from io.Reader) *messages {
	return &messages{from: from, head: 4, writes: map[string]bool{}, ends: map[string]bool{}}
}

// next returns the next message, whole, and whether it commits a change.
func (m *messages) next() (message []byte, commits bool, err error) {
	head := m.head
	if message, err = readMessage(m.from, head); err != nil || head == 4 {
		m.head = 5
		return message, false, err
	}
	name, rest, _ := bytes.Cut(message[head:], []byte{0})
	switch message[0] {
	case 'P': // prepare a name for a query
		query, _, _ := bytes.Cut(rest, []byte{0})
		m.ends[string(name)] = string(query) == "commit"
		m.writes[string(name)] = change.Match(query)
	case 'B': // bind a portal to a prepared name
		prepared, _, _ := bytes.Cut(rest, []byte{0})
		commits = m.changing && m.ends[string(prepared)]
		m.changing = !commits && (m.changing || m.writes[string(prepared)])
	case 'Q': // a query as text, which undoes transactions here
		m.changing = false
	}
	return message, commits, nil
}

// maxMessage is far more than rekey ever sends.
const maxMessage = 1 << 20

// readMessage reads a message whose head, of so many bytes, ends with a length
// that counts itself.
func readMessage(from io.Reader, head int) ([]byte, error) {
	message := make([]byte, head)
	if _, err := io.ReadFull(from, message); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint32(message[head-4:])) - 4
	if length < 0 || length > maxMessage {
		return nil, errors.New("not a message of PostgreSQL's")
	}
	message = append(message, make([]byte, length)...)
	_, err := io.ReadFull(from, message[head:])
	return message, err
}
