package core

import (
	"context"
	"time"
)

// Message is work that follows a commit: it is stored with what it is about,
// in the same transaction, and done later by whoever claims it. It never holds
// a secret: a message that asks for a reset link or a code to be mailed names
// the account, and the secret is made when the mail is.
type Message struct {
	ID       MessageID // sorts by the time it was made
	Tenant   TenantID
	Account  AccountID // "" with Void
	Topic    Topic
	Facts    map[string]string // what the topic needs beside, such as the dialect and the client's address
	Due      time.Time         // not to be done before
	Attempts int               // how often it was tried

	Endpoint string    // whose delivery it is; "" for what rekey does itself, such as mail
	Since    time.Time // since when a delivery is tried; zero for others
}

// MessageID names a message.
type MessageID string

// Topic says what a message asks for.
type Topic string

// The closed set of topics.
const (
	MailResetLink     Topic = "mail.reset_link"       // make a reset token and mail its link to the owner
	MailOneTimeCode   Topic = "mail.one_time_code"    // make a one-time code and mail it to the owner
	MailChangedNotice Topic = "mail.password_changed" // tell the owner that the password was changed
	MailLockedNotice  Topic = "mail.account_locked"   // tell the owner that strangers guess, and are not listened to any more
	TellEndpoint      Topic = "endpoint.tell"         // tell the endpoint what happened
	Void              Topic = "void"                  // nothing; stored so that an unknown address costs what a known one does
)

// Topics returns all topics, in the order of their declaration.
func Topics() []Topic {
	return []Topic{MailResetLink, MailOneTimeCode, MailChangedNotice, MailLockedNotice, TellEndpoint, Void}
}

// Outbox keeps messages until they are done. Errors are classified as a
// [Store]'s are, and methods are safe for concurrent use by any number of
// processes.
type Outbox interface {
	// Enqueue stores the event and the messages together. Messages that have
	// an endpoint are its [Deliveries].
	Enqueue(ctx context.Context, e Event, messages ...Message) error

	Queue
}

// Queue is what a [Dispatcher] works on: an outbox, or the deliveries for one
// endpoint. Nothing comes to both.
type Queue interface {
	// Claim returns up to limit messages that are due at now, those that are
	// due longest first, and makes them due again at until, so that nobody
	// else claims them meanwhile. Each has one attempt more; its Due is the
	// one that it was claimed for. A claimer that dies loses nothing: the
	// messages come due again.
	Claim(ctx context.Context, now, until time.Time, limit int) ([]Message, error)

	// Finish removes a message that is done. It is no error if it is gone.
	Finish(ctx context.Context, id MessageID) error

	// Postpone makes a message due again at due. why is kept for operators
	// and holds no secret. It is no error if the message is gone or buried.
	Postpone(ctx context.Context, id MessageID, due time.Time, why string) error

	// Bury sets a message aside for good, as one that cannot be done. It is
	// no error if the message is gone.
	Bury(ctx context.Context, id MessageID, at time.Time, why string) error
}

// Limit bounds how often something may happen: Burst times at once, and then
// once every Every.
type Limit struct {
	Key   string // what is limited; it holds no secret and no typed name, but a digest of it
	Every time.Duration
	Burst int // at least 1
}

// Throttle counts against limits that all processes share.
type Throttle interface {
	// Take counts one against each limit at now. If one of them is exhausted
	// it counts none, and returns how long to wait until all would allow it,
	// in whole microseconds. A caller whose clock is behind others' waits
	// longer; no clock gives back what was counted.
	Take(ctx context.Context, now time.Time, limits ...Limit) (time.Duration, error)
}
