package mail

import "context"

// Reach greets the server, turns to TLS and signs in, as configured, and writes to
// nobody. Its error tells nothing of the password.
func Reach(ctx context.Context, c Config) error {
	from, err := sender(c.From)
	if err != nil {
		return invalid("mail.from", err)
	}
	config, err := c.SMTP.tlsConfig()
	if err != nil {
		return invalid("mail.smtp.ca", err)
	}
	connection, err := server{c.SMTP, config}.connect(ctx, from)
	if err == nil {
		connection.close()
	}
	return err
}
