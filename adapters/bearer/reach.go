package bearer

import "context"

// Reach fetches the keys at the address once, and returns how many verify the
// algorithm's signatures.
func Reach(ctx context.Context, address, algorithm string) (int, error) {
	keys, err := overHTTP()(ctx, setID{address, algorithm})
	return len(keys), err
}
