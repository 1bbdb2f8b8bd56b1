package bearer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/bearer"
	"rekey/core"
)

// run runs the test in a bubble: its clock moves when everybody waits, and a
// goroutine that outlives Close fails it.
func run(t *testing.T, i *issuer, test func(t *testing.T, v *bearer.Verifier)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		i.t = t
		v, ring := i.start()
		defer func() { _ = ring.Close() }()
		test(t, v)
	})
}

// soon fails the test if what it is given takes longer than the time.
func soon(t *testing.T, limit time.Duration, what func() error) error {
	t.Helper()
	begin := time.Now()
	err := what()
	if took := time.Since(begin); took > limit {
		t.Errorf("it took %s, want at most %s", took, limit)
	}
	return err
}

func TestARotatedKeyIsFoundAtOnce(t *testing.T) {
	i := newIssuer(t, "old")
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		synctest.Wait()
		if err := verify(t, v, i.sign("old", nil)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		i.publish("new")
		if err := soon(t, 0, func() error { return verify(t, v, i.sign("new", nil)) }); err != nil {
			t.Error(err)
		}
		if err := soon(t, 0, func() error { return verify(t, v, i.sign("old", nil)) }); err != nil {
			t.Error(err)
		}
		if got := i.asked(); got != 2 {
			t.Errorf("the issuer was asked %d times, want 2", got)
		}
	})
}

func TestMadeUpKidsDoNotShutOutARotatedKey(t *testing.T) {
	i := newIssuer(t, "old")
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		synctest.Wait()
		for n := range 200 { // for 20 seconds
			go func() {
				if err := soon(t, 2*time.Second, func() error { return verify(t, v, i.sign(fmt.Sprint("junk", n), nil)) }); !errors.Is(err, core.Unauthenticated) {
					t.Errorf("junk: got %v", err)
				}
			}()
			if n == 100 {
				i.publish("new")
			}
			if n == 100 || n == 101 || n == 109 {
				go func() {
					if err := soon(t, 2*time.Second, func() error { return verify(t, v, i.sign("new", nil)) }); err != nil {
						t.Errorf("a valid token in the flood: %v", err)
					}
				}()
			}
			if err := soon(t, 0, func() error { return verify(t, v, i.sign("old", nil)) }); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(2 * time.Second)
		if got := i.asked(); got > 23 {
			t.Errorf("200 made-up kids in 20 seconds cost the issuer %d requests", got)
		}
	})
}

func TestAKnownKeyServesWhileItsIssuerIsDown(t *testing.T) {
	i := newIssuer(t, "a")
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		synctest.Wait()
		i.set(func() { i.down = true })
		for range 10 {
			if err := soon(t, 0, func() error { return verify(t, v, i.sign("a", nil)) }); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		i.publish("b")
		err := soon(t, 3*time.Second, func() error { return verify(t, v, i.sign("b", nil)) })
		if !errors.Is(err, core.Unavailable) || core.AsError(err).RetryAfter == 0 {
			t.Errorf("a key that cannot be had: got %v", err)
		}
		i.set(func() { i.down = false })
		if err := soon(t, time.Second, func() error { return verify(t, v, i.sign("b", nil)) }); err != nil {
			t.Errorf("it is up again: %v", err)
		}
	})
}

func TestWithoutAKeyNothingIsJudged(t *testing.T) {
	i := newIssuer(t, "a")
	i.down = true
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		for _, token := range []string{i.sign("a", nil), i.sign("b", nil), i.sign("a", jwt.MapClaims{"exp": 1})} {
			err := soon(t, 3*time.Second, func() error { return verify(t, v, token) })
			if !errors.Is(err, core.Unavailable) || errors.Is(err, core.Unauthenticated) {
				t.Errorf("got %v", err)
			}
		}
		foreign := i.sign("a", jwt.MapClaims{"iss": "https://login.elsewhere.example"})
		if err := soon(t, 0, func() error { return verify(t, v, foreign) }); !errors.Is(err, core.Unauthenticated) {
			t.Errorf("another issuer's: got %v", err)
		}
		time.Sleep(24 * time.Hour)
		i.set(func() { i.down = false })
		if err := soon(t, time.Second, func() error { return verify(t, v, i.sign("a", nil)) }); err != nil {
			t.Errorf("it is up at last: %v", err)
		}
		if got := i.asked(); got > 24*60*2+20 {
			t.Errorf("a day's trying took %d requests", got)
		}
	})
}

func TestAnIssuerWithoutKeysIsUnavailable(t *testing.T) {
	i := newIssuer(t)
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		if err := verify(t, v, i.sign("a", nil)); !errors.Is(err, core.Unavailable) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAWithdrawnKeyIsForgotten(t *testing.T) {
	i := newIssuer(t, "a", "b")
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		token := i.sign("a", nil)
		if err := verify(t, v, token); err != nil {
			t.Fatal(err)
		}
		i.set(func() { delete(i.keys, "a") })
		time.Sleep(5*time.Minute + time.Second)
		if err := verify(t, v, token); !errors.Is(err, core.Unauthenticated) {
			t.Errorf("got %v", err)
		}
	})
}

func TestASlowIssuerHoldsNobodyUp(t *testing.T) {
	i := newIssuer(t, "a")
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		synctest.Wait()
		i.publish("b")
		i.set(func() { i.hangs = true })
		if err := soon(t, 3*time.Second, func() error { return verify(t, v, i.sign("b", nil)) }); !errors.Is(err, core.Unavailable) {
			t.Errorf("got %v", err)
		}
		if err := soon(t, 0, func() error { return verify(t, v, i.sign("a", nil)) }); err != nil {
			t.Error(err)
		}
	})
}

func TestARequestThatEndsStopsWaiting(t *testing.T) {
	i := newIssuer(t, "a")
	i.hangs = true
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		err := soon(t, 200*time.Millisecond, func() error { return verifyIn(ctx, t, v, i.sign("a", nil)) })
		if !errors.Is(err, core.Unavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestATokenThatCouldNotHoldCostsTheIssuerNothing(t *testing.T) {
	i := newIssuer(t, "a")
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		synctest.Wait()
		for name, token := range map[string]string{
			"expired":        i.sign("junk", jwt.MapClaims{"exp": time.Now().Add(-time.Hour).Unix()}),
			"another issuer": i.sign("junk", jwt.MapClaims{"iss": "https://login.elsewhere.example"}),
			"another reader": i.sign("junk", jwt.MapClaims{"aud": "elsewhere"}),
			"undated":        i.sign("junk", jwt.MapClaims{"iat": nil}),
			"no kid":         i.sign("", nil),
			"a long kid":     i.sign(string(make([]byte, 257)), nil),
		} {
			if err := soon(t, 0, func() error { return verify(t, v, token) }); !errors.Is(err, core.Unauthenticated) || errors.Is(err, bearer.ErrExpired) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		time.Sleep(time.Minute)
		if got := i.asked(); got != 1 {
			t.Errorf("the issuer was asked %d times, want once", got)
		}
	})
}

func TestARotationDuringASlowFetchIsFound(t *testing.T) {
	i := newIssuer(t, "a")
	i.slow = time.Second
	run(t, i, func(t *testing.T, v *bearer.Verifier) {
		time.Sleep(500 * time.Millisecond) // the first fetch has its answer, and not yet arrived
		i.publish("b")
		if err := soon(t, 3*time.Second, func() error { return verify(t, v, i.sign("b", nil)) }); err != nil {
			t.Error(err)
		}
	})
}

func TestIssuersAtOneAddressAreAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer(t, "a")
		ring := bearer.NewRingOf(environment(), i.answer)
		defer func() { _ = ring.Close() }()
		var verifiers []*bearer.Verifier
		for _, change := range []func(*bearer.Rules){
			func(*bearer.Rules) {},
			func(r *bearer.Rules) { r.Audience = []string{"another", "rekey"} },
			func(r *bearer.Rules) { r.Algorithm = "ES384" }, // whose keys are others
		} {
			r := rules()
			change(&r)
			v, err := ring.Verifier(r)
			if err != nil {
				t.Fatal(err)
			}
			verifiers = append(verifiers, v)
		}
		ring.Start()
		synctest.Wait()
		for n, v := range verifiers[:2] {
			if err := verify(t, v, i.sign("a", nil)); err != nil {
				t.Errorf("verifier %d: %v", n, err)
			}
		}
		if got := i.asked(); got != 2 {
			t.Errorf("the issuer was asked %d times, want once for each algorithm", got)
		}
	})
}

func TestARingThatNeverStartedCloses(t *testing.T) {
	if err := bearer.NewRing(environment()).Close(); err != nil {
		t.Error(err)
	}
}
