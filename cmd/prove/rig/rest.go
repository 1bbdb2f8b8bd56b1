package rig

import (
	"context"
	"time"
)

// Rest waits for d, or until ctx ends, and returns why it did.
func Rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
