package crash

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"rekey/cmd/prove/rig"
)

// check inspects the database beside the server that has just recovered it, and
// then asks the server itself.
func (r *run) check(
	ctx context.Context, inspect func(rig.Inspection, context.Context, *rig.Ledger) (rig.Finding, error),
	choose func(*run) []*rig.Entry,
) error {
	directory, err := r.installation.Open(ctx)
	if err != nil {
		return err
	}
	var finding rig.Finding
	if err = directory.Settled(ctx, r.database.felled); err == nil {
		finding, err = inspect(rig.Inspection{Directory: directory}, ctx, r.ledger)
	}
	// Closed now: the server must be the only one that has the file open when it
	// is killed, so that nobody recovers it in its place.
	if err := errors.Join(err, directory.Close()); err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	r.found(finding)
	return r.ask(ctx, choose(r))
}

// sampled returns a few accounts, everyone all of them.
func sampled(r *run) (some []*rig.Entry) {
	for range 3 {
		some = append(some, r.ledger.Entries()[r.random.IntN(len(r.ledger.Entries()))])
	}
	return some
}

func everyone(r *run) []*rig.Entry { return r.ledger.Entries() }

// question is a request that must be refused with a code, and what it breaks if
// it is not.
type question struct {
	rig.Attempt
	code string
	kind rig.Kind
	what string
}

// ask sends the server dead proofs, and a password's owner who chooses it
// again: that it is refused for this tells that it was proven.
func (r *run) ask(ctx context.Context, entries []*rig.Entry) error {
	client := r.server.Client(rig.Acme)
	defer client.Close()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(r.Clients)
	for _, entry := range entries {
		for _, q := range r.questions(entry) {
			group.Go(func() error { return r.put(ctx, client, q) })
		}
	}
	return group.Wait()
}

// put asks one question.
func (r *run) put(ctx context.Context, client *rig.Client, q question) error {
	answer, err := patiently(ctx, client, q.Attempt)
	if err != nil {
		return err
	}
	r.asked.Add(1)
	if answer.Code != q.code || answer.Fault != "" {
		r.violate(rig.Violation{Kind: q.kind, Account: q.Account, What: fmt.Sprintf("%s through %s: %v %s", q.what, q.Via, answer, answer.Fault)})
	}
	return nil
}

func (r *run) questions(entry *rig.Entry) []question {
	about := func(via rig.Via, current, token, fresh string) rig.Attempt {
		return rig.Attempt{Via: via, Account: entry.Account, Current: current, Token: token, New: fresh}
	}
	now := entry.Password()
	var all []question
	for _, via := range []rig.Via{rig.ByPassword, rig.ByAdmin} {
		all = append(all, question{about(via, now, "", now), "password_reused", rig.Lost, "the acknowledged password"})
		if past := entry.Past(); len(past) > 0 {
			old := past[max(0, len(past)-1-r.random.IntN(3))]
			all = append(all, question{about(via, old, "", rig.NewPassword()), "invalid_credentials", rig.Doubled, "an old password"})
		}
	}
	if spent := entry.Spent(); len(spent) > 0 {
		token := spent[max(0, len(spent)-1-r.random.IntN(3))]
		all = append(all, question{about(rig.ByToken, "", token, rig.NewPassword()), "InvalidTokenError", rig.Doubled, "a spent token"})
	}
	return all
}

// patiently sends the attempt until it is judged.
func patiently(ctx context.Context, client *rig.Client, a rig.Attempt) (answer rig.Answer, err error) {
	for range 10 {
		if answer = client.Do(ctx, a); answer.Certain() {
			return answer, nil
		}
		if err := rig.Rest(ctx, max(answer.RetryAfter, 100*time.Millisecond)); err != nil {
			return answer, err
		}
	}
	return answer, fmt.Errorf("a server at rest does not judge: %v", answer)
}
