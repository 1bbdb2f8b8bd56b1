package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"rekey/core"
)

// server is the SMTP server that takes the mails.
type server struct {
	SMTP
	tls *tls.Config
}

// connection is one conversation with the server. It ends with the context
// that it was made in.
type connection struct {
	client *gomail.Client
	smtp   *smtp.Client
}

// connect greets the server, turns to TLS and signs in, as configured, to
// write to one recipient. Any failure is Unavailable: it is the
// installation's, not the message's.
func (s server) connect(ctx context.Context, to *mail.Address) (*connection, error) {
	client, err := gomail.NewClient(s.Host, s.options(ctx, to)...)
	if err != nil {
		return nil, fmt.Errorf("configure smtp: %w", err)
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return nil, &core.Error{Code: core.Unavailable, Err: fmt.Errorf("connect to %s: %w", s.address(), wordless(err))}
	}
	return &connection{client, conversation}, nil
}

// wordless takes the server's words out of an error, but for the code: some quote
// the password that they refuse.
func wordless(err error) error {
	var answer *textproto.Error
	var line textproto.ProtocolError
	switch {
	case errors.As(err, &answer):
		return fmt.Errorf("the server answers %d", answer.Code)
	case errors.As(err, &line), errors.Is(err, smtp.ErrUnexpectedServerChallange), errors.Is(err, smtp.ErrUnexpectedServerResponse):
		return errors.New("the server's answer is not understood")
	}
	return err
}

func (s server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

func (s server) options(ctx context.Context, to *mail.Address) []gomail.Option {
	// Without a reset, the last answer is the one that says whether the mail is taken.
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(s.Timeout), gomail.WithTLSConfig(s.tls),
		gomail.WithDialContextFunc(s.dial(ctx)), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithoutNoop(), gomail.WithoutRset(),
	}
	if s.TLS == StartTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if ascii := !strings.ContainsFunc(to.Address, func(r rune) bool { return r >= utf8.RuneSelf }); ascii {
		// Asked for without need, it makes relays bounce what the next one could take (RFC 6531, 3.6).
		options = append(options, gomail.WithoutSMTPUTF8())
	}
	if s.Username != "" {
		options = append(options, gomail.WithUsername(s.Username), gomail.WithPassword(s.Password.Reveal()),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return options
}

// dial returns what opens a connection that closes when ctx ends: the library
// heeds a context while it dials and leaves a failed greeting's connection
// open.
func (s server) dial(ctx context.Context) gomail.DialContextFunc {
	return func(dialling context.Context, network, _ string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(dialling, network, s.address())
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() })
		if s.TLS != TLS {
			return conn, nil
		}
		encrypted := tls.Client(conn, s.tls)
		return encrypted, encrypted.HandshakeContext(dialling)
	}
}

// send returns nil once the server has taken the mail, and then only.
func (c *connection) send(message *gomail.Msg) error {
	err := c.client.SendWithSMTPClient(c.smtp, message)
	if err != nil {
		return classify(err)
	}
	return nil
}

// close says goodbye; the mail's fate is known already.
func (c *connection) close() { _ = c.client.CloseWithSMTPClient(c.smtp) }

// classify says whether the server refused this mail for good (Invalid) or may
// take it later (Unavailable). A refused sender is the installation's fault
// and may be mended. Of the server's words only the codes are kept: filters
// quote links.
func classify(err error) error {
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return fmt.Errorf("send: %w", core.Unavailable)
	}
	told := &core.Error{
		Code: core.Unavailable,
		Err:  errors.New(strings.TrimSpace(fmt.Sprintf("%s: %d %s", failed.Reason, failed.ErrorCode(), failed.EnhancedStatusCode()))),
	}
	switch failed.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		if failed.ErrorCode()/100 == 5 {
			told.Code = core.Invalid
		}
	default:
	}
	return told
}
