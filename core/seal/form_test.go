package seal_test

import (
	"bytes"
	"testing"

	"rekey/core"
	"rekey/core/seal"
)

// Every character counts, also those whose last bits no byte has.
func TestNothingMayBeAlteredInWhatIsKept(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	r := ring(t, "a", map[string][]byte{"a": material(1)})
	for _, plain := range []string{text, text + "1", text + "12"} {
		kept, err := r.Seal([]byte(plain), here)
		if err != nil {
			t.Fatal(err)
		}
		for i := range kept {
			for _, c := range alphabet {
				changed := kept[:i] + string(c) + kept[i+1:]
				if got, err := r.Open(changed, here); (err == nil) != (changed == kept) {
					t.Fatalf("character %d as %c: got %q, %v", i, c, got, err)
				}
			}
		}
		kept = r.Digest(plain, here)
		for i := range kept {
			for _, c := range alphabet {
				changed := kept[:i] + string(c) + kept[i+1:]
				if r.Matches(changed, plain, here) != (changed == kept) {
					t.Fatalf("character %d as %c matches", i, c)
				}
			}
		}
	}
}

// What older releases kept must open for ever.
func TestTheFormIsStable(t *testing.T) {
	r, err := seal.New("a", map[string][]byte{"a": material(1)}, bytes.NewReader(material(9)))
	if err != nil {
		t.Fatal(err)
	}
	const (
		wantSealed = "a.CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJhj6SRgp7gz0N7RtAezzOL7pTxjJqnX_5tZxkqiH9xvJhl85flj3AQ3Q0UZOE"
		wantDigest = "a.3GqYU9612GghBmBrCPR_yirb3_xmxWiibOI2j6ys9lw"
	)
	if got := sealed(t, r); got != wantSealed {
		t.Errorf("got  %s\nwant %s", got, wantSealed)
	}
	if got := r.Digest(text, here); got != wantDigest {
		t.Errorf("got  %s\nwant %s", got, wantDigest)
	}
}

func FuzzOpen(f *testing.F) {
	// One nonce in all processes of the fuzzer, which share their seeds.
	r, err := seal.New("a", map[string][]byte{"a": material(1), "b": material(2)}, bytes.NewReader(material(9)))
	if err != nil {
		f.Fatal(err)
	}
	good := sealed(f, r)
	for _, seed := range []string{"", "a.", "b.AAAA", "c.", good, good[:40], good + "\n", r.Digest(text, here)} {
		f.Add(seed, here)
	}
	f.Fuzz(func(t *testing.T, kept, context string) {
		got, err := r.Open(kept, context)
		if (err == nil) != (kept == good && context == here) || err != nil && (core.CodeOf(err) != core.Internal || got != nil) {
			t.Errorf("%q in %q: got %q, %v", kept, context, got, err)
		}
		if r.Matches(kept, text, context) != (kept == r.Digest(text, context)) {
			t.Errorf("%q is a digest in %q", kept, context)
		}
	})
}
