package bearer_test

import (
	"testing"
	"testing/synctest"
	"time"

	"rekey/adapters/bearer"
)

func TestKeysAreInheritedWhileTheIssuerIsDown(t *testing.T) {
	i := newIssuer(t, "a")
	synctest.Test(t, func(t *testing.T) {
		i.t = t
		_, old := i.start()
		synctest.Wait()
		i.set(func() { i.down = true })
		fresh, ring := i.start()
		ring.Inherit(old)
		_ = old.Close()
		defer func() { _ = ring.Close() }()
		if err := soon(t, 0, func() error { return verify(t, fresh, i.sign("a", nil)) }); err != nil {
			t.Errorf("a key that was known before: %v", err)
		}
		i.set(func() { i.down = false })
		i.publish("b")
		if err := soon(t, 2*time.Second, func() error { return verify(t, fresh, i.sign("b", nil)) }); err != nil {
			t.Errorf("a key that was published since: %v", err)
		}
	})
}

func TestWhatWasFetchedSinceIsNotReplaced(t *testing.T) {
	i := newIssuer(t, "withdrawn")
	synctest.Test(t, func(t *testing.T) {
		i.t = t
		_, old := i.start()
		synctest.Wait()
		_ = old.Close()
		token := i.sign("withdrawn", nil)
		i.set(func() { delete(i.keys, "withdrawn") })
		i.publish("b")
		fresh, ring := i.start()
		defer func() { _ = ring.Close() }()
		synctest.Wait()
		ring.Inherit(old)
		if err := verify(t, fresh, token); err == nil {
			t.Error("a key that its issuer has withdrawn verifies")
		}
	})
}

func TestOnlyTheSameIssuersKeysAreInherited(t *testing.T) {
	i := newIssuer(t, "a")
	synctest.Test(t, func(t *testing.T) {
		i.t = t
		_, old := i.start()
		synctest.Wait()
		_ = old.Close()
		i.set(func() { i.down = true })
		ring := bearer.NewRingOf(environment(), i.answer)
		elsewhere := rules()
		elsewhere.JWKSURL = "https://other.example/keys"
		v, err := ring.Verifier(elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		ring.Start()
		defer func() { _ = ring.Close() }()
		ring.Inherit(old)
		if err := verify(t, v, i.sign("a", nil)); err == nil {
			t.Error("another issuer's key verifies")
		}
	})
}
