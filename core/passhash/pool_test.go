package passhash_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"rekey/core"
	"rekey/core/passhash"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// zeros is randomness without surprises.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func newPool(tb testing.TB, c passhash.Config) *passhash.Pool { return newPoolFrom(tb, c, zeros{}) }

func newPoolFrom(tb testing.TB, c passhash.Config, random io.Reader) *passhash.Pool {
	tb.Helper()
	pool, err := passhash.New(c, random)
	if err != nil {
		tb.Fatal(err)
	}
	return pool
}

func under(s passhash.Scheme) passhash.Config {
	c := passhash.ForTests()
	c.Scheme = s
	return c
}

var ada = core.NewPassword("correct horse")

func TestVerifiesWhatItHashed(t *testing.T) {
	for scheme, prefix := range map[passhash.Scheme]string{
		passhash.Argon2id: "$argon2id$v=19$m=64,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$",
		passhash.Bcrypt:   "$2a$04$..CA.uOD/eaGAOmJB.yMBu",
	} {
		salt := "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
		pool := newPoolFrom(t, under(scheme), strings.NewReader(salt))
		made, err := pool.Hash(context.Background(), ada)
		if err != nil || !strings.HasPrefix(made, prefix) {
			t.Fatalf("%s: Hash = %q, %v; want prefix %q", scheme, made, err, prefix)
		}
		if h, err := passhash.Parse(made); err != nil || h.String() != made {
			t.Errorf("%s: Parse(%q): %v", scheme, made, err)
		}
		for password, want := range map[core.Password]bool{ada: true, core.NewPassword("Correct horse"): false} {
			if got, err := pool.Verify(context.Background(), password, made); got != want || err != nil {
				t.Errorf("%s: Verify(%q) = %v, %v; want %v", scheme, password.Reveal(), got, err, want)
			}
		}
	}
}

func TestBcryptRefusesWhatItCannotTakeWhole(t *testing.T) {
	for _, c := range []struct {
		password string
		want     []core.Violation
	}{
		{strings.Repeat("x", 72), nil},
		{strings.Repeat("x", 73), []core.Violation{{Rule: core.TooManyBytes, Limit: 72}}},
		{strings.Repeat("ü", 37), []core.Violation{{Rule: core.TooManyBytes, Limit: 72}}},
		{"a\x00b", []core.Violation{{Rule: core.HasNUL}}},
		{strings.Repeat("\x00", 73), []core.Violation{{Rule: core.TooManyBytes, Limit: 72}, {Rule: core.HasNUL}}},
	} {
		_, err := newPool(t, under(passhash.Bcrypt)).Hash(context.Background(), core.NewPassword(c.password))
		if weak := errors.Is(err, core.WeakPassword); weak != (c.want != nil) || weak && !reflect.DeepEqual(core.AsError(err).Violations, c.want) {
			t.Errorf("bcrypt: Hash(%q): %v, want %v", c.password, err, c.want)
		}
		if _, err := newPool(t, passhash.ForTests()).Hash(context.Background(), core.NewPassword(c.password)); err != nil {
			t.Errorf("argon2id: Hash(%q): %v", c.password, err)
		}
	}
}

func TestAStoredHashThatCannotBeUsedIsInternal(t *testing.T) {
	pool := newPool(t, passhash.ForTests())
	for why, texts := range refused {
		for _, text := range texts {
			if ok, err := pool.Verify(context.Background(), ada, text); ok || !errors.Is(err, core.Internal) {
				t.Errorf("Verify(%.80q), %s: %v, %v; want internal", text, why, ok, err)
			}
		}
	}
	if got := pool.Stats().Derived; got != 0 {
		t.Errorf("%d derivations were run", got)
	}
}

// What is verified against where no hash is stored has the parameters of a new
// hash, and so its cost.
func TestNoStoredHashCostsAsMuchAsOne(t *testing.T) {
	for _, scheme := range []passhash.Scheme{passhash.Argon2id, passhash.Bcrypt} {
		config := under(scheme)
		config.Argon2id.Memory, config.Bcrypt.Cost = 4096, 5
		pool := newPool(t, config)
		made, err := pool.Hash(context.Background(), ada)
		if err != nil {
			t.Fatal(err)
		}
		for stored, want := range map[string]bool{made: true, "": false} {
			start := pool.Stats().Derived
			if ok, err := pool.Verify(context.Background(), ada, stored); ok != want || err != nil {
				t.Errorf("%s: Verify(%q) = %v, %v; want %v", scheme, stored, ok, err, want)
			}
			if runs := pool.Stats().Derived - start; runs != 1 {
				t.Errorf("%s: Verify(%q) took %d derivations, want 1", scheme, stored, runs)
			}
		}
		saltless := func(setting string) string { return setting[:strings.LastIndex(setting, "$")] }
		if got, want := saltless(pool.Decoy()), saltless(made[:len(pool.Decoy())]); got != want {
			t.Errorf("%s: verified against %q where no hash is stored, want %q", scheme, got, want)
		}
	}
}

func TestDerivesUnderASetting(t *testing.T) {
	for _, scheme := range []passhash.Scheme{passhash.Argon2id, passhash.Bcrypt} {
		pool := newPool(t, under(scheme))
		setting := pool.Setting([]byte("a history salt"))
		if want := "$argon2id$v=19$m=64,t=1,p=1$YSBoaXN0b3J5IHNhbHQ"; setting != want {
			t.Errorf("%s: Setting = %q, want %q", scheme, setting, want)
		}
		first, err := pool.Derive(context.Background(), ada, setting)
		if err != nil || first[:strings.LastIndexByte(first, '$')] != setting {
			t.Errorf("%s: Derive = %q, %v; want it under %q", scheme, first, err, setting)
		}
		if again, err := pool.Derive(context.Background(), ada, setting); err != nil || again != first {
			t.Errorf("%s: Derive again = %q, %v; want %q", scheme, again, err, first)
		}
		if other, err := pool.Derive(context.Background(), core.NewPassword("x"), setting); err != nil || other == first {
			t.Errorf("%s: Derive of another password = %q, %v", scheme, other, err)
		}
		if ok, err := pool.Verify(context.Background(), ada, first); !ok || err != nil {
			t.Errorf("%s: Verify(%q) = %v, %v; want true", scheme, first, ok, err)
		}
	}
}

func TestASettingOutlivesAChangeOfCost(t *testing.T) {
	dearer := passhash.ForTests()
	dearer.Argon2id = passhash.Argon2Cost{Memory: 128, Iterations: 3, Parallelism: 2}
	setting := newPool(t, passhash.ForTests()).Setting([]byte("a history salt"))
	made, err := newPool(t, dearer).Derive(context.Background(), ada, setting)
	if err != nil || made[:strings.LastIndexByte(made, '$')] != setting {
		t.Errorf("Derive = %q, %v; want it under %q", made, err, setting)
	}
}

func TestASettingThatCannotBeUsedIsInternal(t *testing.T) {
	pool := newPool(t, passhash.ForTests())
	for _, setting := range []string{
		"", "$", "x", pool.Setting(nil), pool.Setting(make([]byte, 7)), pool.Setting(make([]byte, 65)),
		"$argon2id$v=19$m=64,t=1,p=1", "$argon2id$v=19$m=64,t=1,p=1$", "$argon2id$v=19$m=64,t=1,p=1" + tail,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$", "$argon2id$v=19$m=064,t=1,p=1$" + salt16,
		"$argon2id$v=19$m=4294967295,t=1,p=1$" + salt16, "$argon2id$v=19$m=262144,t=64,p=1$" + salt16,
		"$argon2i$v=19$m=64,t=1,p=1$" + salt16, "$2a$04$......................", "$scrypt$ln=4,r=8,p=1$" + salt16,
	} {
		if made, err := pool.Derive(context.Background(), ada, setting); made != "" || !errors.Is(err, core.Internal) {
			t.Errorf("Derive(%q) = %q, %v; want internal", setting, made, err)
		}
	}
	if got := pool.Stats().Derived; got != 0 {
		t.Errorf("%d derivations were run", got)
	}
}

func TestFailingRandomnessIsInternalAndFreesTheWorker(t *testing.T) {
	config := passhash.ForTests()
	config.Workers, config.Queue = 1, 0
	for _, random := range []io.Reader{iotest.ErrReader(context.Canceled), strings.NewReader("short")} {
		pool := newPoolFrom(t, config, random)
		for range 2 {
			if made, err := pool.Hash(context.Background(), ada); made != "" || core.CodeOf(err) != core.Internal {
				t.Errorf("Hash = %q, %v; want internal", made, err)
			}
		}
	}
}
