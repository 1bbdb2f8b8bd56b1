package mailtest

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
)

// Read is a mail as a reader sees it.
type Read struct {
	Header  mail.Header
	Subject string
	Text    string
	HTML    string
}

// Read parses the mail: its header, and exactly one part of text and one of
// HTML.
func (m Mail) Read(t testing.TB) Read {
	t.Helper()
	message, err := mail.ReadMessage(strings.NewReader(m.Data))
	if err != nil {
		t.Fatalf("read the mail: %v\n%s", err, m.Data)
	}
	read := Read{Header: message.Header}
	if read.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, options, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("got the type %q, %v", kind, err)
	}
	parts := multipart.NewReader(message.Body, options["boundary"])
	for _, want := range []struct {
		kind string
		into *string
	}{{"text/plain", &read.Text}, {"text/html", &read.HTML}} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); err != nil || kind != want.kind {
			t.Fatalf("got a part of %q, want %q: %v", kind, want.kind, err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		*want.into = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Fatalf("there is a third part: %v", err)
	}
	return read
}
