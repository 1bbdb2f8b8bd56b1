package mail

import (
	"bytes"
	"net/mail"
	"time"

	"rekey/core"
)

// Letter returns the reset mail to the owner of the name and the address, as it
// goes over the wire, or nil if none can be written to.
func Letter(name, email string, passwords *core.Service) ([]byte, error) {
	to, err := recipient(email)
	if err != nil {
		return nil, nil //nolint:nilerr // the core does not mail to it
	}
	forms, _ := parseTemplates("", "rekey")
	from := &mail.Address{Name: "rekey", Address: "noreply@acme.example"}
	common := Common{Product: "rekey", BaseURL: "https://acme.example", Name: oneLine(name)}
	l, err := forms[reset].write(Reset{common, sampleLink, time.Unix(0, 0).UTC()})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	m := &Mailer{passwords: passwords, from: from}
	_, err = m.envelope(core.Message{ID: "1"}, reset, to, l).WriteTo(&out)
	return out.Bytes(), err
}
