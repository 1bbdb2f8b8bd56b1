package passhash_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"rekey/core/passhash"
)

func TestWhatIsAcceptedPrintsAsItWasRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		h, err := passhash.Parse(text)
		if err != nil || h.String() != text {
			t.Fatalf("Parse(%q) = %q, %v", text, h, err)
		}
	})
}

func TestAnEditIsRefusedOrPrintsAsItWasRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(texts().Draw(t, "text"))
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		text[at] = rapid.SampledFrom([]byte("$=,.+-_ \n\t0123456789xABab\x00\xff")).Draw(t, "byte")
		if h, err := passhash.Parse(string(text)); err == nil && h.String() != string(text) {
			t.Fatalf("Parse(%q) prints as %q", text, h)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.hash)
	}
	f.Add("$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=k2026" + tail)
	for _, texts := range refused {
		for _, text := range texts {
			f.Add(text[:min(len(text), 300)])
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if h, err := passhash.Parse(text); err == nil && h.String() != text {
			t.Errorf("Parse(%q) prints as %q", text, h)
		}
	})
}

// texts draws hashes that are accepted.
func texts() *rapid.Generator[string] {
	standard := base64.RawStdEncoding
	passlib := base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789./").WithPadding(base64.NoPadding)
	modular := base64.NewEncoding("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)
	return rapid.Custom(func(t *rapid.T) string {
		number := func(low, high int) int { return rapid.IntRange(low, high).Draw(t, "number") }
		bytes := func(low, high int) []byte { return rapid.SliceOfN(rapid.Byte(), low, high).Draw(t, "bytes") }
		salt, key := bytes(8, 64), bytes(16, 64)
		switch rapid.SampledFrom([]string{"argon2", "peppered", "bcrypt", "scrypt", "passlib", "phc", "phc with length", "crypt", "ssha", "firebase"}).Draw(t, "form") {
		case "argon2":
			return fmt.Sprintf("$%s$v=19$m=%d,t=%d,p=%d$%s$%s", rapid.SampledFrom([]string{"argon2id", "argon2i"}).Draw(t, "variant"),
				number(128, 1<<18), number(1, 4), number(1, 16), standard.EncodeToString(salt), standard.EncodeToString(key))
		case "peppered":
			return fmt.Sprintf("$argon2id-hmac-sha256$v=19$m=%d,t=%d,p=%d,keyid=%s$%s$%s", number(128, 1<<18), number(1, 4), number(1, 16),
				rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,31}`).Draw(t, "keyid"), standard.EncodeToString(salt), standard.EncodeToString(bytes(32, 32)))
		case "bcrypt":
			return fmt.Sprintf("$2%s$%02d$%s%s", rapid.SampledFrom([]string{"a", "b", "y"}).Draw(t, "variant"),
				number(4, 15), modular.EncodeToString(bytes(16, 16)), modular.EncodeToString(bytes(23, 23)))
		case "scrypt":
			return fmt.Sprintf("$scrypt$ln=%d,r=%d,p=%d$%s$%s",
				number(1, 12), number(1, 32), number(1, 16), standard.EncodeToString(salt), standard.EncodeToString(key))
		case "passlib":
			return fmt.Sprintf("$pbkdf2%s$%d$%s$%s", rapid.SampledFrom([]string{"", "-sha1", "-sha256", "-sha512"}).Draw(t, "digest"),
				number(1, 1_000_000), passlib.EncodeToString(salt), passlib.EncodeToString(key))
		case "crypt":
			return rapid.StringMatching(`\$(1\$[!-#%-9;-~]{1,8}\$[./0-9A-Za-z]{21}[./01]|5\$(rounds=[1-9][0-9]{3,5}\$)?[a-z./]{1,16}\$[./0-9A-Za-z]{42}[./0-9A-D]|`+
				`6\$(rounds=[1-9][0-9]{3,5}\$)?[a-z./]{1,16}\$[./0-9A-Za-z]{85}[./01])`).Draw(t, "crypt")
		case "ssha":
			size := rapid.SampledFrom([]int{20, 32, 64}).Draw(t, "size")
			return "$ssha" + map[int]string{20: "", 32: "256", 64: "512"}[size] + "$" +
				standard.EncodeToString(bytes(4, 64)) + "$" + standard.EncodeToString(bytes(size, size))
		case "firebase":
			size := number(32, 64)
			return fmt.Sprintf("$firebase-scrypt$ln=%d,r=%d,sep=%s,signer=%s$%s$%s", number(1, 16), number(1, 32), standard.EncodeToString(bytes(0, 16)),
				standard.EncodeToString(bytes(size, size)), standard.EncodeToString(bytes(4, 64)), standard.EncodeToString(bytes(size, size)))
		case "phc":
			return fmt.Sprintf("$pbkdf2-sha%s$i=%d$%s$%s", rapid.SampledFrom([]string{"1", "256", "512"}).Draw(t, "digest"),
				number(1, 1_000_000), standard.EncodeToString(salt), standard.EncodeToString(key))
		default:
			return fmt.Sprintf("$pbkdf2-sha%s$i=%d,l=%d$%s$%s", rapid.SampledFrom([]string{"1", "256", "512"}).Draw(t, "digest"),
				number(1, 1_000_000), len(key), standard.EncodeToString(salt), standard.EncodeToString(key))
		}
	})
}
