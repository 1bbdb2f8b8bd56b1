package passhash_test

import (
	"context"
	"testing"

	"rekey/core/passhash"
)

func BenchmarkHash(b *testing.B) {
	for _, scheme := range []passhash.Scheme{passhash.Argon2id, passhash.Bcrypt} {
		b.Run(string(scheme), func(b *testing.B) {
			pool := newPool(b, costly(scheme))
			for b.Loop() {
				if _, err := pool.Hash(context.Background(), ada); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, scheme := range []passhash.Scheme{passhash.Argon2id, passhash.Bcrypt} {
		b.Run(string(scheme), func(b *testing.B) {
			pool := newPool(b, costly(scheme))
			made, err := pool.Hash(context.Background(), ada)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if ok, err := pool.Verify(context.Background(), ada, made); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := passhash.Parse("$argon2id$v=19$m=19456,t=2,p=1" + tail); err != nil {
			b.Fatal(err)
		}
	}
}

// costly is what an installation runs with.
func costly(s passhash.Scheme) passhash.Config {
	c := passhash.Default()
	c.Scheme = s
	return c
}
