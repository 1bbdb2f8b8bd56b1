package seal_test

import (
	"bytes"
	"testing"

	"rekey/core"
	"rekey/core/seal"
)

func under(t *testing.T, secret, purpose string) *seal.Ring {
	t.Helper()
	r, err := seal.Under(core.NewSecret(secret), purpose, bytes.NewReader(material(9)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What older releases sealed under a secret must open with it for as long as it is
// remembered, and to nobody else, nor for another purpose.
func TestASecretOpensWhatIsSealedUnderIt(t *testing.T) {
	const want = "k.CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ"
	kept := sealed(t, under(t, "secret", "purpose"))
	if len(kept) <= len(want) || kept[:len(want)] != want {
		t.Errorf("got %s, want it to begin with %s", kept, want)
	}
	for _, c := range []struct {
		secret, purpose string
		opens           bool
	}{
		{"secret", "purpose", true},
		{"secret", "another", false},
		{"Secret", "purpose", false},
		{"", "purpose", false},
	} {
		got, err := under(t, c.secret, c.purpose).Open(kept, here)
		if opened := err == nil && string(got) == text; opened != c.opens {
			t.Errorf("%q for %q: opened %v, want %v", c.secret, c.purpose, opened, c.opens)
		}
	}
}
