package core

import (
	"context"
	"time"
)

// Replay is a request that its client may send again, and its answer, which is
// then replayed. It is known by the key that the client gave it. Nothing in it can be read without the
// client's credential.
type Replay struct {
	Key     string    // a keyed digest of the client's key
	Request string    // a keyed digest of what was asked
	Expires time.Time // until when it is remembered; of one that is in flight, until when it is its first sender's
	Answer  string    // sealed; "" while the request is in flight
}

// Replays remembers requests, so that one which is sent again is not done
// again. Errors are classified as a [Store]'s are. All processes share it.
type Replays interface {
	// BeginRequest remembers r, whose Answer is empty, unless another of its key is
	// remembered at now: then it returns that one, and false.
	BeginRequest(ctx context.Context, now time.Time, r Replay) (kept Replay, first bool, err error)

	// AnswerRequest gives the request that began until begun its answer, and
	// remembers it until r.Expires. It does nothing if the request has been
	// forgotten or begun by somebody else.
	AnswerRequest(ctx context.Context, begun time.Time, r Replay) error

	// ForgetRequest forgets the request that began until begun, if nobody else has
	// begun it since and it has no answer.
	ForgetRequest(ctx context.Context, begun time.Time, key string) error
}
