package adapters_test

import (
	"errors"
	"testing"

	"rekey/adapters"
)

// closing is an adapter that is to be closed.
type closing struct {
	adapters.Adapter
	closed int
	err    error
}

func (c *closing) Close() error {
	c.closed++
	return c.err
}

func TestCloseClosesWhatIsToBeClosed(t *testing.T) {
	one, two := &closing{err: errors.New("one")}, &closing{}
	plain := struct{ adapters.Adapter }{}
	if err := adapters.Close(one, plain, two); !errors.Is(err, one.err) || one.closed != 1 || two.closed != 1 {
		t.Errorf("got %v; closed %d and %d times", err, one.closed, two.closed)
	}
	if err := adapters.Close(); err != nil {
		t.Errorf("got %v for none", err)
	}
}
