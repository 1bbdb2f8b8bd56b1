package passhash_test

import (
	"context"
	"strings"
	"testing"

	"rekey/core"
	"rekey/core/passhash"
)

// spellings are hashes as their makers write them, which [passhash.Parse] refuses.
var spellings = []vector{
	{"Django's tests", "lètmein", "pbkdf2_sha256$260000$seasalt2$UCGMhrOoaq1ghQPArIBK5RkI6IZLRxlIwHWA1dMy7y8="},
	{"Django's tests", "lètmein", "pbkdf2_sha1$260000$seasalt2$wAibXvW6jgvatCdONi6SMJ6q7mI="},
	{"hashlib", "correct horse", "{SSHA}UrsBL2StI8IucAIOia+o96xwYBnw8fLz9PX29w=="},
	{"hashlib", "correct horse", "{SSHA256}LN3sEs35IWctApjJ0xTAXkxumLStn2cGf2QJvjkHAHHw8fLz9PX29w=="},
	{"hashlib", "correct horse", "{SSHA512}eo1jKrTpam0gkdPzIx/096PrqnmHWGia2yZDu8+C9vqJ/3itgnDUIAyY6QrSGVqu/I1TM5CNu2k8+d8cMsYA0vDx8vP09fb3"},
	{"libxcrypt", "correct horse", "{CRYPT}$1$CCCCCCCC$0X8XsYtuTFLObvNpMuJk.0"},
}

func TestSpellingsOfOtherSystemsVerifyInTheirCanonicalForm(t *testing.T) {
	pool := newPool(t, passhash.ForTests())
	for _, v := range spellings {
		if _, err := passhash.Parse(v.hash); err == nil {
			t.Errorf("Parse accepts the spelling %q", v.hash)
		}
		text, err := passhash.Canonical(v.hash)
		if err != nil {
			t.Errorf("Canonical(%q): %v", v.hash, err)
			continue
		}
		for password, want := range map[string]bool{v.password: true, v.password + "x": false, "": false} {
			if got, err := pool.Verify(context.Background(), core.NewPassword(password), text); got != want || err != nil {
				t.Errorf("%s: Verify(%q, %q) = %v, %v; want %v", v.from, password, text, got, err, want)
			}
		}
	}
}

func TestWhatIsCanonicalStaysAsItIs(t *testing.T) {
	for _, v := range vectors {
		if got, err := passhash.Canonical(v.hash); got != v.hash || err != nil {
			t.Errorf("Canonical(%q) = %q, %v", v.hash, got, err)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	for _, text := range []string{
		"", "plaintext", "{SSHA}", "{SSHA}UrsBL2StI8IucAIOia+o96xwYBk=", "{SSHA}not base64", "{SHA}UrsBL2StI8IucAIOia+o96xwYBk=",
		"{SSHA}UrsBL2StI8IucAIOia+o96xwYBnw8fLz9PX29w", "{ssha}UrsBL2StI8IucAIOia+o96xwYBnw8fLz9PX29w==",
		"{CRYPT}", "{CRYPT}plaintext", "pbkdf2_sha256$260000$seasalt2", "pbkdf2_sha256$999999999$seasalt2$UCGMhrOoaq1ghQPArIBK5RkI6IZLRxlIwHWA1dMy7y8=",
		"pbkdf2_sha256$0260000$seasalt2$UCGMhrOoaq1ghQPArIBK5RkI6IZLRxlIwHWA1dMy7y8=", "pbkdf2_sha256$260000$s$UCGMhrOoaq1ghQPArIBK5RkI6IZLRxlIwHWA1dMy7y8=",
		strings.Repeat("{SSHA}", 100_000),
	} {
		if got, err := passhash.Canonical(text); err == nil {
			t.Errorf("Canonical(%.80q) = %q", text, got)
		}
	}
}

func TestCryptNeverVerifiesWhatIsTooLong(t *testing.T) {
	pool := newPool(t, passhash.ForTests())
	const sevens = "$5$saltstring$QIpg09NY6iORoRBxzPFSV9sOgk8et2DpP3VVu3.iZL1" // libxcrypt's, of 511 times a 7
	for password, want := range map[string]bool{
		strings.Repeat("7", 511): true, strings.Repeat("7", 512): false, strings.Repeat("7", 510): false, strings.Repeat("7", 1<<20): false,
	} {
		if got, err := pool.Verify(context.Background(), core.NewPassword(password), sevens); got != want || err != nil {
			t.Errorf("Verify(%d bytes) = %v, %v; want %v", len(password), got, err, want)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, v := range append(vectors, spellings...) {
		f.Add(v.hash)
	}
	f.Fuzz(func(t *testing.T, text string) {
		canonical, err := passhash.Canonical(text)
		if err != nil {
			return
		}
		if again, err := passhash.Canonical(canonical); err != nil || again != canonical {
			t.Errorf("Canonical(%q) = %q, and of that %q, %v", text, canonical, again, err)
		}
	})
}
