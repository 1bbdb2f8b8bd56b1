// Package overload sends rekey more changes than it can make, and shows that
// its memory stays bounded, that what is too much is refused in dialect, that
// its health checks stay green, and what is left of its throughput.
package overload

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"time"

	"rekey/cmd/prove/rig"
	"rekey/core"
	"rekey/core/passhash"
)

// The memory that a server may have resident: a derivation's for each worker,
// the remainder, and a little for each connection.
const (
	derivation = 19456 << 10
	remainder  = 104 << 20 // 64 MiB that the collector keeps to, and what is not its
	connection = 48 << 10
)

// Press presses one server, as it is configured by default, with so many
// clients, and connections on which nothing goes on, for so long. An error says
// that the harness could not.
func Press(ctx context.Context, r *rig.Rig, clients, idle int, howLong time.Duration) (level *Level, err error) {
	level = &Level{Clients: clients, Idle: idle, Bound: int64(runtime.NumCPU()*derivation + remainder + (clients+idle)*connection)}
	installation, err := r.Install(ctx, rig.Options{Settings: map[string]any{
		"passwords.hash.argon2id.memory": derivation >> 10, "passwords.hash.argon2id.iterations": 2,
	}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, installation.Close()) }()
	ledger, err := gather(ctx, installation, clients)
	if err != nil {
		return nil, err
	}
	server, err := installation.Start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Kill()) }()
	watch := rig.NewWatch(ctx, server.Operations)
	others := newIdlers(ctx, server.URL, idle)
	defer others.end()
	begun := time.Now()
	c := newCrowd(ctx, server.Client(rig.Acme), ledger, level)
	_ = rig.Rest(ctx, howLong)
	c.stop()
	level.Took = time.Since(begun)
	c.mu.Lock()
	inTime := level.Acknowledged
	c.mu.Unlock()
	c.end()
	watch.End()
	level.Acknowledged = inTime // what was answered after the end does not count for the rate
	level.sum(watch)
	level.PeakMemory, err = server.PeakMemory()
	return level, err
}

// gather adds n accounts which all have one password, derived once.
func gather(ctx context.Context, installation *rig.Installation, n int) (ledger *rig.Ledger, err error) {
	directory, err := installation.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, directory.Close()) }()
	text := rig.NewPassword()
	hash, err := directory.Hasher.Hash(ctx, core.NewPassword(text))
	if err != nil {
		return nil, err
	}
	directory.Passwords = core.New(core.Parts{
		Store: directory.Store, Hasher: once{directory.Hasher, hash}, Policy: directory.Passwords.Policy,
		TokenTTL: time.Hour, Now: time.Now, Random: rand.Reader,
	})
	return directory.AddWith(ctx, rig.Acme, n, func() string { return text })
}

// once has derived its hash already.
type once struct {
	*passhash.Pool
	hash string
}

// Hash implements [core.Hasher].
func (o once) Hash(context.Context, core.Password) (string, error) { return o.hash, nil }
