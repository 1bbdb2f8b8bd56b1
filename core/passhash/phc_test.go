package passhash_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"rekey/core/passhash"
)

// repeat returns the text of n bytes in base64.
func repeat(n int) string { return base64.RawStdEncoding.EncodeToString(make([]byte, n)) }

var (
	salt16 = repeat(16)
	key32  = repeat(32)
	tail   = "$" + salt16 + "$" + key32
)

func TestAcceptsUpToItsBounds(t *testing.T) {
	for _, text := range []string{
		"$argon2id$v=19$m=8,t=1,p=1" + tail,
		"$argon2id$v=19$m=128,t=1,p=16" + tail,
		"$argon2id$v=19$m=262144,t=4,p=1" + tail,
		"$argon2id$v=19$m=16384,t=64,p=1" + tail,
		"$argon2i$v=19$m=262144,t=4,p=16" + tail,
		"$argon2id$v=19$m=64,t=1,p=1$" + repeat(8) + "$" + repeat(16),
		"$argon2id-hmac-sha256$v=19$m=8,t=1,p=1,keyid=0" + tail,
		"$argon2id-hmac-sha256$v=19$m=262144,t=4,p=16,keyid=k-2026" + strings.Repeat("a", 26) + "$" + repeat(64) + "$" + key32,
		"$argon2id$v=19$m=64,t=1,p=1$" + repeat(64) + "$" + repeat(64),
		"$2a$04$......................" + strings.Repeat(".", 31),
		"$2y$15$......................" + strings.Repeat(".", 31),
		"$scrypt$ln=1,r=1,p=1" + tail,
		"$scrypt$ln=18,r=8,p=1" + tail,
		"$scrypt$ln=12,r=32,p=16" + tail,
		"$pbkdf2$1" + tail,
		"$pbkdf2-sha1$i=4000000$" + salt16 + "$" + repeat(20),
		"$pbkdf2-sha1$i=2000000" + tail,
		"$pbkdf2-sha256$4000000" + tail,
		"$pbkdf2-sha512$i=4000000,l=64$" + salt16 + "$" + repeat(64),
		"$1$s$" + strings.Repeat("z", 21) + "1",
		"$5$rounds=1000000$" + strings.Repeat("s", 16) + "$" + strings.Repeat("z", 42) + "D",
		"$6$rounds=1000$s$" + strings.Repeat("z", 85) + "1",
		"$ssha$" + repeat(4) + "$" + repeat(20),
		"$ssha512$" + repeat(64) + "$" + repeat(64),
		"$firebase-scrypt$ln=18,r=8,sep=,signer=" + repeat(64) + "$" + repeat(64) + "$" + repeat(64),
	} {
		if h, err := passhash.Parse(text); err != nil || h.String() != text {
			t.Errorf("Parse(%q): %v", text, err)
		}
	}
}

// refused is text that no derivation is run for.
var refused = map[string][]string{
	"beyond a bound": {
		"$argon2id$v=19$m=7,t=1,p=1" + tail,
		"$argon2id$v=19$m=127,t=1,p=16" + tail, // m < 8p
		"$argon2id$v=19$m=262145,t=1,p=1" + tail,
		"$argon2id$v=19$m=4294967295,t=1,p=1" + tail,
		"$argon2id$v=19$m=262144,t=5,p=1" + tail, // in bounds each, not together
		"$argon2id$v=19$m=64,t=0,p=1" + tail,
		"$argon2id$v=19$m=64,t=65,p=1" + tail,
		"$argon2i$v=19$m=64,t=4294967295,p=1" + tail,
		"$argon2id$v=19$m=64,t=1,p=0" + tail,
		"$argon2id$v=19$m=1024,t=1,p=17" + tail,
		"$argon2id$v=19$m=64,t=1,p=257" + tail,
		"$argon2id$v=19$m=64,t=1,p=1$" + repeat(7) + "$" + key32,
		"$argon2id$v=19$m=64,t=1,p=1$" + repeat(65) + "$" + key32,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + repeat(15),
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + repeat(65),
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$",
		"$argon2id-hmac-sha256$v=19$m=7,t=1,p=1,keyid=a" + tail,
		"$argon2id-hmac-sha256$v=19$m=262144,t=5,p=1,keyid=a" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=a$" + repeat(7) + "$" + key32,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=a$" + salt16 + "$" + repeat(31),
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=a$" + salt16 + "$" + repeat(33),
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=" + strings.Repeat("a", 33) + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=A" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=a,b" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=-a" + tail,
		"$2a$03$......................" + strings.Repeat(".", 31),
		"$2a$16$......................" + strings.Repeat(".", 31),
		"$2b$31$......................" + strings.Repeat(".", 31),
		"$scrypt$ln=0,r=8,p=1" + tail,
		"$scrypt$ln=19,r=1,p=1" + tail,
		"$scrypt$ln=63,r=8,p=1" + tail,
		"$scrypt$ln=18,r=9,p=1" + tail,
		"$scrypt$ln=18,r=8,p=2" + tail,
		"$scrypt$ln=1,r=33,p=1" + tail,
		"$scrypt$ln=1,r=1,p=17" + tail,
		"$scrypt$ln=4,r=0,p=1" + tail,
		"$scrypt$ln=4,r=8,p=0" + tail,
		"$pbkdf2$0" + tail,
		"$pbkdf2-sha256$4000001" + tail,
		"$pbkdf2-sha512$i=999999999" + tail,
		"$pbkdf2-sha1$i=2000001" + tail, // 32 bytes are two blocks
		"$pbkdf2-sha256$i=1000,l=20" + tail,
		"$pbkdf2-sha256$i=1000,l=4294967295" + tail,
		"$1$saltsalts$" + strings.Repeat("z", 21) + "1",
		"$1$$" + strings.Repeat("z", 21) + "1",
		"$5$rounds=999$saltstring$" + strings.Repeat("z", 42) + "D",
		"$6$rounds=1000001$saltstring$" + strings.Repeat("z", 85) + "1",
		"$6$rounds=4294967296$saltstring$" + strings.Repeat("z", 85) + "1",
		"$6$saltstringsaltstr$" + strings.Repeat("z", 85) + "1",
		"$ssha$" + repeat(3) + "$" + repeat(20),
		"$ssha$" + repeat(65) + "$" + repeat(20),
		"$ssha256$" + repeat(8) + "$" + repeat(20),
		"$firebase-scrypt$ln=18,r=9,sep=Bw,signer=" + repeat(64) + "$" + repeat(10) + "$" + repeat(64),
		"$firebase-scrypt$ln=19,r=8,sep=Bw,signer=" + repeat(64) + "$" + repeat(10) + "$" + repeat(64),
		"$firebase-scrypt$ln=14,r=8,sep=Bw,signer=" + repeat(32) + "$" + repeat(10) + "$" + repeat(64), // keys of two lengths
		"$firebase-scrypt$ln=14,r=8,sep=" + repeat(17) + ",signer=" + repeat(64) + "$" + repeat(10) + "$" + repeat(64),
		"$firebase-scrypt$ln=14,r=8,sep=Bw$" + repeat(10) + "$" + repeat(64),
	},
	"not canonical": {
		"$argon2id$v=19$m=064,t=1,p=1" + tail,
		"$argon2id$v=19$m=+64,t=1,p=1" + tail,
		"$argon2id$v=19$m=-64,t=1,p=1" + tail,
		"$argon2id$v=19$m=6_4,t=1,p=1" + tail,
		"$argon2id$v=19$m=0x40,t=1,p=1" + tail,
		"$argon2id$v=19$m= 64,t=1,p=1" + tail,
		"$argon2id$v=19$t=1,m=64,p=1" + tail,
		"$argon2id$v=19$m=64,t=1,p=1,keyid=AA" + tail,
		"$argon2id$v=19$m=64,t=1" + tail,
		"$argon2id$m=64,t=1,p=1" + tail,
		"$argon2id$v=16$m=64,t=1,p=1" + tail,
		"$argon2id$v=19$m=64,t=1,p=1" + tail + "=",
		"$argon2id$v=19$m=64,t=1,p=1" + tail + "\n",
		"$argon2id$v=19$m=64,t=1,p=1" + tail + "$",
		"\n$argon2id$v=19$m=64,t=1,p=1" + tail,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "\n$" + key32,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + " $" + key32,
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16[:21] + "B$" + key32, // bits beyond the last byte
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16 + "$" + key32[:42] + "B",
		"$argon2id$v=19$m=64,t=1,p=1$" + salt16,
		"$ARGON2ID$v=19$m=64,t=1,p=1" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1" + tail,
		"$argon2id-hmac-sha256$v=19$m=064,t=1,p=1,keyid=a" + tail,
		"$argon2id-hmac-sha256$v=19$keyid=a,m=64,t=1,p=1" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=a$" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid= a" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=a\n" + tail,
		"$argon2id-hmac-sha256$v=19$m=64,t=1,p=1,keyid=a$" + salt16,
		"$2a$4$......................" + strings.Repeat(".", 31),
		"$2a$+5$......................" + strings.Repeat(".", 31),
		"$2a$005$......................" + strings.Repeat(".", 31),
		"$2a$05$...................../" + strings.Repeat(".", 31),
		"$2a$05$......................" + strings.Repeat(".", 30) + "/",
		"$2a$05$......................" + strings.Repeat(".", 30),
		"$2a$05$......................" + strings.Repeat(".", 32),
		"$2a$05$......................$" + strings.Repeat(".", 31),
		"$pbkdf2-sha256$i=1000$" + strings.Repeat("....", 4) + "$" + key32,
		"$1$salt$" + strings.Repeat("z", 21) + "2", // bits beyond the last byte
		"$1$salt$" + strings.Repeat("z", 21),
		"$1$sa:t$" + strings.Repeat("z", 21) + "1",
		"$1$sa t$" + strings.Repeat("z", 21) + "1",
		"$5$rounds=5000$a$b$" + strings.Repeat("z", 42) + "D",
		"$5$rounds=05000$saltstring$" + strings.Repeat("z", 42) + "D",
		"$ssha$" + repeat(4) + "==$" + repeat(20),
		"$firebase-scrypt$ln=14,r=8,sep=Bw==,signer=" + repeat(64) + "$" + repeat(10) + "$" + repeat(64),
		"$firebase-scrypt$ln=14,r=8,sep=Bx,signer=" + repeat(64) + "$" + repeat(10) + "$" + repeat(64),
		"$pbkdf2-sha256$1000$" + strings.Repeat("++++", 4) + "$" + key32,
	},
	"another algorithm": {
		"x", "$", "$$", "$$$$$", "plaintext", "$argon2id", "$2a$", "$2a$05$",
		"$argon2d$v=19$m=64,t=1,p=1" + tail,
		"$2$05$......................" + strings.Repeat(".", 31),
		"$2x$05$......................" + strings.Repeat(".", 31),
		"$md5$salt$qJH7.N4xYta3aEG/dfqo/0",
		"$sha1$1000$saltstring$" + strings.Repeat("a", 28),
		"$pbkdf2$i=1000" + tail, // of which digest?
		"$pbkdf2-md5$1000" + tail,
		"pbkdf2_sha256$1000" + tail,
		"{SSHA}" + key32,
		strings.Repeat("$2a$05$", 100_000),
	},
}

func TestParseRefuses(t *testing.T) {
	for why, texts := range refused {
		for _, text := range texts {
			if _, err := passhash.Parse(text); err == nil {
				t.Errorf("Parse(%.80q) accepts what is %s", text, why)
			}
		}
	}
}

func TestParseDoesNotReadWhatIsTooLong(t *testing.T) {
	text := "$argon2id$v=19$m=64,t=1,p=1$" + repeat(1<<20) + "$" + key32
	if allocations := testing.AllocsPerRun(1, func() { _, _ = passhash.Parse(text) }); allocations > 0 {
		t.Errorf("%v allocations for %d bytes, want none", allocations, len(text))
	}
}

func TestParseErrorsTellNothingOfTheHash(t *testing.T) {
	for _, texts := range refused {
		for _, text := range texts {
			_, err := passhash.Parse(text)
			for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '$' || r == '\n' }) {
				if len(part) > len("argon2id-hmac-sha256") && err != nil && strings.Contains(err.Error(), part) {
					t.Errorf("Parse(%.80q): the error tells %.80q: %v", text, part, err)
				}
			}
		}
	}
}
