// Package mailtest is an SMTP server for tests, in the test's process or in
// one of its own.
package mailtest

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options say how a server behaves. The zero value takes every mail in clear.
type Options struct {
	TLS                string // "", "starttls" or "tls"
	Username, Password string // to be signed in with; anybody may send without
	Address            string // to listen on; "": any loopback port

	// Answer, if set, may refuse at a stage: "auth", "mail", "rcpt", or "data"
	// once the mail was read. arg is the password, the address, or the mail. It cannot be had in
	// a process of its own.
	Answer func(stage, arg string) error `json:"-"`
}

// Mail is one mail as the server took it.
type Mail struct {
	From string
	To   []string
	Data string
	TLS  bool   // how it came
	UTF8 bool   // whether SMTPUTF8 was asked for
	User string // who was signed in
}

// Server is an SMTP server in the test's process.
type Server struct {
	Options
	serving  *smtp.Server
	listener net.Listener
	done     sync.WaitGroup

	mu    sync.Mutex
	mails []Mail
}

// Start starts a server that stops with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{Options: o}
	s.Restart(t)
	t.Cleanup(s.Stop)
	return s
}

// Restart starts a stopped server at the address that it had.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	var err error
	if s.listener, err = listen(&s.Options); err != nil {
		t.Fatal(err)
	}
	s.serving = s.server(s.keep)
	s.done.Go(func() { _ = s.serving.Serve(s.listener) })
}

// Stop closes every connection, and waits.
func (s *Server) Stop() {
	_ = s.listener.Close() // the server may not know it yet
	_ = s.serving.Close()
	s.done.Wait()
}

func (s *Server) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, m)
}

// Mails returns what the server has taken, in the order of arrival.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Wait returns the mails once there are n, and fails the test after a while.
func (s *Server) Wait(t testing.TB, n int) []Mail { return wait(t, n, s.Mails) }

func wait(t testing.TB, n int, mails func() []Mail) []Mail {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if found := mails(); len(found) >= n {
			return found
		}
	}
	t.Fatalf("got %d mails, want %d", len(mails()), n)
	return nil
}

func listen(o *Options) (net.Listener, error) {
	address := o.Address
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	o.Address = listener.Addr().String()
	if o.TLS == "tls" {
		return tls.NewListener(listener, serverTLS()), nil
	}
	return listener, nil
}

func (o Options) server(keep func(Mail)) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{Options: o, conn: c, keep: keep}, nil
	}))
	server.Domain, server.AllowInsecureAuth, server.EnableSMTPUTF8 = "localhost", true, true
	server.ReadTimeout, server.WriteTimeout = 20*time.Second, 20*time.Second
	server.ErrorLog = silent{}
	if o.TLS == "starttls" {
		server.TLSConfig = serverTLS()
	}
	return server
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// session is one conversation.
type session struct {
	Options
	conn *smtp.Conn
	keep func(Mail)
	mail Mail
	user string
}

func (s *session) ask(stage, arg string) error {
	if s.Answer == nil {
		return nil
	}
	err := s.Answer(stage, arg)
	if errors.Is(err, ErrHangUp) || errors.Is(err, ErrLost) {
		_ = s.conn.Conn().Close()
	}
	return err
}

func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if s.Username != "" && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "sign in first"}
	}
	_, encrypted := s.conn.TLSConnectionState()
	s.mail = Mail{From: from, TLS: encrypted, UTF8: o != nil && o.UTF8, User: s.user}
	return s.ask("mail", from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = append(s.mail.To, to)
	return s.ask("rcpt", to)
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mail.Data = string(data)
	err = s.ask("data", s.mail.Data)
	if err == nil || errors.Is(err, ErrLost) {
		s.keep(s.mail)
	}
	return err
}

func (s *session) Reset()        { s.mail = Mail{} }
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string {
	if s.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if err := s.ask("auth", password); err != nil {
			return err
		}
		if username != s.Username || password != s.Password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "wrong"}
		}
		s.user = username
		return nil
	}), nil
}

// Refusal is what a server says no with.
func Refusal(code int, enhanced [3]int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode(enhanced), Message: text}
}

// What an Answer may return beside a [Refusal]: the server hangs up in place
// of an answer, ErrLost at "data" having taken the mail.
var (
	ErrHangUp = errors.New("hang up")
	ErrLost   = errors.New("the answer is lost")
)
