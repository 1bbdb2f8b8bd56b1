package passhash_test

import (
	"context"
	"strings"
	"testing"

	"rekey/core"
	"rekey/core/passhash"
)

// vector is a hash that other software made.
type vector struct{ from, password, hash string }

// vectors has every accepted form. Published ones name their source. The
// others were made with Python 3.11: bcrypt by its crypt module, which is
// libxcrypt here, the rest by hashlib. The vectors of RFC 9106 itself have a
// secret and associated data, which no PHC string has.
var vectors = []vector{
	{"argon2 reference test.c", "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
	{"argon2 reference test.c", "password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
	{"argon2 reference test.c", "password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
	{"crypt_blowfish wrapper.c", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
	{"libxcrypt", "correct horse", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.WrAwgFxicHZ3kL7zMvXYXHKosDn8ot2"},
	{"libxcrypt", "correct horse", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.WrAwgFxicHZ3kL7zMvXYXHKosDn8ot2"},
	{"libxcrypt", "correct horse", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.WrAwgFxicHZ3kL7zMvXYXHKosDn8ot2"},
	{"RFC 7914", "pleaseletmein", "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"},
	{"hashlib", "correct horse", "$scrypt$ln=4,r=8,p=1$8PHy8/T19vf4+fr7/P3+/w$JvJWJIKH0DvalOuZloYFzm7z/NOUGrOUSepHfp4u5bk"},
	{"RFC 6070", "passwordPASSWORDpassword", "$pbkdf2-sha1$i=4096$c2FsdFNBTFRzYWx0U0FMVHNhbHRTQUxUc2FsdFNBTFRzYWx0$PS7sT+QchJuAyNg2YsDkSospGpZM8vBwOA"},
	{"passlib's documentation", "password", "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44"},
	{"hashlib", "correct horse", "$pbkdf2$1000$8PHy8/T19vf4.fr7/P3./w$.5QX0J046SbyM4zUrpWK1an1PdA"},
	{"hashlib", "correct horse", "$pbkdf2-sha1$1000$8PHy8/T19vf4.fr7/P3./w$.5QX0J046SbyM4zUrpWK1an1PdA"},
	{"hashlib", "correct horse", "$pbkdf2-sha1$i=1000$8PHy8/T19vf4+fr7/P3+/w$+5QX0J046SbyM4zUrpWK1an1PdA"},
	{"hashlib", "correct horse", "$pbkdf2-sha1$i=1000,l=20$8PHy8/T19vf4+fr7/P3+/w$+5QX0J046SbyM4zUrpWK1an1PdA"},
	{"hashlib", "correct horse", "$pbkdf2-sha256$i=1000$8PHy8/T19vf4+fr7/P3+/w$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU"},
	{"hashlib", "correct horse", "$pbkdf2-sha256$i=1000,l=32$8PHy8/T19vf4+fr7/P3+/w$JwgcbJZlHBoE0uPBMy9SZsCsIJXsYLx/8XwH97PVwMU"},
	{"hashlib", "correct horse", "$pbkdf2-sha512$1000$8PHy8/T19vf4.fr7/P3./w$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm.kj4D.e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA"},
	{"hashlib", "correct horse", "$pbkdf2-sha512$i=1000$8PHy8/T19vf4+fr7/P3+/w$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm+kj4D+e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA"},
	{"hashlib", "correct horse", "$pbkdf2-sha512$i=1000,l=64$8PHy8/T19vf4+fr7/P3+/w$xqu1f3FSdHbs02z9AocIk0UpBf6S9uqlRTfcS56zkPqTxPMhm+kj4D+e8E9DRlH/uXf/Pe1g59vHIM0MwcvtiA"},
	{"openssl passwd", "password", "$1$xxxxxxxx$UYCIxa628.9qXjpQCjM4a."},
	{"libxcrypt", "correct horse", "$1$CCCCCCCC$0X8XsYtuTFLObvNpMuJk.0"},
	{"Drepper's SHA-crypt", "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
	{"Drepper's SHA-crypt", "Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
	{"Drepper's SHA-crypt", "Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
	{"Drepper's SHA-crypt", "Hello world!", "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v."},
	{"Django's tests", "lètmein", "$pbkdf2-sha256$i=260000$c2Vhc2FsdDI$UCGMhrOoaq1ghQPArIBK5RkI6IZLRxlIwHWA1dMy7y8"},
	{"Django's tests", "lètmein", "$pbkdf2-sha1$i=260000$c2Vhc2FsdDI$wAibXvW6jgvatCdONi6SMJ6q7mI"},
	{"hashlib", "correct horse", "$ssha$8PHy8/T19vc$UrsBL2StI8IucAIOia+o96xwYBk"},
	{"hashlib", "correct horse", "$ssha256$8PHy8/T19vc$LN3sEs35IWctApjJ0xTAXkxumLStn2cGf2QJvjkHAHE"},
	{"hashlib", "correct horse", "$ssha512$8PHy8/T19vc$eo1jKrTpam0gkdPzIx/096PrqnmHWGia2yZDu8+C9vqJ/3itgnDUIAyY6QrSGVqu/I1TM5CNu2k8+d8cMsYA0g"},
	{"firebase/scrypt's README", "user1password", "$firebase-scrypt$ln=14,r=8,sep=Bw,signer=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA$42xEC+ixf3L2lw$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ"},
}

func TestVerifiesWhatOtherSoftwareMade(t *testing.T) {
	pool := newPool(t, passhash.ForTests())
	for _, v := range vectors {
		for password, want := range map[string]bool{
			v.password:                     true,
			v.password + " ":               false,
			"x" + v.password[1:]:           false,
			"":                             false,
			"\x00" + v.password:            false,
			v.password[:len(v.password)-1]: false,
		} {
			if got, err := pool.Verify(context.Background(), core.NewPassword(password), v.hash); got != want || err != nil {
				t.Errorf("%s: Verify(%q, %q) = %v, %v; want %v", v.from, password, v.hash, got, err, want)
			}
		}
	}
}

func TestVerifiesNothingAgainstAChangedHash(t *testing.T) {
	pool := newPool(t, passhash.ForTests())
	for _, v := range vectors {
		// The first character of the key holds six whole bits.
		at := strings.LastIndexByte(v.hash, '$') + 1
		if strings.HasPrefix(v.hash, "$2") {
			at = len(v.hash) - 31
		}
		changed := v.hash[:at] + map[bool]string{true: "B", false: "A"}[v.hash[at] == 'A'] + v.hash[at+1:]
		if got, err := pool.Verify(context.Background(), core.NewPassword(v.password), changed); got || err != nil {
			t.Errorf("%s: Verify(%q, %q) = %v, %v; want false", v.from, v.password, changed, got, err)
		}
	}
}

// libxcrypt cuts at 72 bytes, so this is the hash of 72 x and of 80 alike.
func TestBcryptVerifiesALongPasswordAsItsMakerDid(t *testing.T) {
	const hash = "$2b$05$abcdefghijklmnopqrstuujf8SX2ahXLwp9w/B.Y5XdysS6yR576q"
	pool := newPool(t, passhash.ForTests())
	for n, want := range map[int]bool{71: false, 72: true, 73: true, 80: true} {
		password := core.NewPassword(strings.Repeat("x", n))
		if got, err := pool.Verify(context.Background(), password, hash); got != want || err != nil {
			t.Errorf("Verify(%d x) = %v, %v; want %v", n, got, err, want)
		}
	}
}

// To bcrypt a password is repeated with a NUL between, until 72 bytes are full.
func TestBcryptNeverVerifiesANUL(t *testing.T) {
	const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW" // of U*U
	pool := newPool(t, passhash.ForTests())
	for _, password := range []string{"U*U\x00U*U", "U*U\x00", "U*U\x00x"} {
		if got, err := pool.Verify(context.Background(), core.NewPassword(password), hash); got || err != nil {
			t.Errorf("Verify(%q) = %v, %v; want false", password, got, err)
		}
	}
}
