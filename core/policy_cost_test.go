package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/wordlist"
)

// everything is a policy with all rules on.
func everything() core.Policy {
	policy := core.Unleash()
	policy.MaxBytes, policy.NoNUL, policy.OwnNames = 72, true, true
	policy.Common, policy.Words = wordlist.Common, []string{"acme"}
	return policy
}

func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{"", "Abcdef-123", "aaa", "\x00\xff😀\u2028", "ACME", "qwertyuiop", strings.Repeat("a", 200)} {
		f.Add(seed, "acme@acme.example", 2, 5)
	}
	f.Fuzz(func(t *testing.T, password, own string, low, high int) {
		odd := core.Policy{MinLength: low, MaxLength: high, MaxBytes: low, MaxRun: high, Units: core.Units(own), OwnNames: true}
		for _, policy := range []core.Policy{core.NIST(wordlist.Common), core.Unleash(), everything(), odd} {
			last := -1
			for _, v := range policy.Check(core.NewPassword(password), own, "") {
				at := slices.Index(core.Rules(), v.Rule)
				if at <= last {
					t.Errorf("%q: %s is out of order, twice or unknown", password, v.Rule)
				}
				if !slices.Contains(policy.Demands(), v) {
					t.Errorf("%q: %v was not demanded of anybody", password, v)
				}
				last = at
			}
		}
	})
}

// Judging a password is linear in its length, so a body at the size limit is
// no attack. Were it quadratic, this would take hours.
func TestALongPasswordIsJudgedAtOnce(t *testing.T) {
	start := time.Now()
	for _, text := range []string{"a", "ab", "İ", "e\u0301", "😀", "\xff", "\x00", "\n"} {
		long := core.NewPassword(strings.Repeat(text, 1<<20/len(text)))
		for _, policy := range []core.Policy{core.NIST(wordlist.Common), everything(), {OwnNames: true, MaxRun: 2}} {
			policy.Check(long, "ada")
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("24 passwords of a megabyte took %v", took)
	}
}

func BenchmarkPolicy(b *testing.B) {
	for name, password := range map[string]string{"usual": correct, "megabyte": strings.Repeat("aB1-", 1<<18)} {
		b.Run(name, func(b *testing.B) {
			p, policy := core.NewPassword(password), everything()
			b.SetBytes(int64(len(password)))
			for b.Loop() {
				policy.Check(p, "ada", "ada@acme.example")
			}
		})
	}
}
