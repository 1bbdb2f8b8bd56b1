package audit_test

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"rekey/core"
	"rekey/core/audit"
	"rekey/core/seal"
)

// netstrings digests a list as the package's documentation says, and not as its code does.
func netstrings(texts ...string) string {
	all := ""
	for _, text := range texts {
		all += fmt.Sprintf("%d:%s,", len(text), text)
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(all)))
}

// Whoever has the documentation and SHA-256 comes to the same digests.
func TestDigestsAreThoseThatAreDocumented(t *testing.T) {
	at := time.Date(2026, 11, 21, 13, 0, 0, 123_456_789, time.FixedZone("away", 3600))
	ada := audit.RowOf(core.Event{
		ID: "e1", At: at, Tenant: "acme", Account: "a1", Action: core.PasswordRefused, Proof: core.ByAuthority, Outcome: core.WrongPassword,
		Actor: "idp:ωμέγα", Origin: core.Origin{Dialect: "zap", Addr: netip.MustParseAddr("2001:db8::7"), RequestID: "r1"},
	})
	least := audit.RowOf(core.Event{ID: "e0", At: at.Add(time.Second), Action: core.TokensRevoked})
	leaf1 := netstrings("rekey-event-v1", "acme", "e1", "2026-11-21T12:00:00.123456Z", "a1", "password.change_refused", "authority", "wrong_password",
		"idp:ωμέγα", "zap", "2001:db8::7", "r1")
	leaf0 := netstrings("rekey-event-v1", "", "e0", "2026-11-21T12:00:01.123456Z", "", "token.revoked", "", "", "", "", "", "")
	if got := ada.Leaf().String(); got != leaf1 {
		t.Errorf("a leaf: got %s, want %s", got, leaf1)
	}
	secret := make([]byte, seal.KeySize)
	ring, err := seal.New("k1", map[string][]byte{"k1": secret}, nil)
	if err != nil {
		t.Fatal(err)
	}
	prev, _ := audit.ParseDigest(netstrings("the one before"))
	s := audit.NewSeal(audit.Anchor{Seq: 6, Digest: prev}, []audit.Row{ada, least}, at.Add(time.Minute), ring)
	root := netstrings("rekey-batch-v1", leaf0, leaf1)
	digest := netstrings("rekey-seal-v1", "7", prev.String(), "2", "2026-11-21T12:00:00.123456Z", "2026-11-21T12:00:01.123456Z", "2026-11-21T12:01:00.123456Z", root)
	key, err := hkdf.Key(sha256.New, secret, nil, "rekey digest v1", sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte("5:audit" + digest))
	want := []string{root, digest, "k1." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))}
	if got := []string{s.Root.String(), s.Digest.String(), s.MAC}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if back, err := audit.ParseAnchor(s.Anchor().String()); err != nil || back != s.Anchor() {
		t.Errorf("an anchor's text: got %v, %v", back, err)
	}
}

// Nobody can move a letter from one field to the next.
func TestFieldsDoNotRunIntoEachOther(t *testing.T) {
	seen := map[audit.Digest]audit.Row{}
	for _, r := range []audit.Row{
		{}, {Tenant: "a"}, {ID: "a"}, {At: "a"}, {Account: "a"}, {Action: "a"}, {Proof: "a"}, {Outcome: "a"}, {Actor: "a"}, {Dialect: "a"}, {Addr: "a"}, {RequestID: "a"},
		{Actor: "ab"}, {Actor: "a", Dialect: "b"}, {Dialect: "ab"}, {Actor: "1:a,", Dialect: ""}, {Actor: "", Dialect: "1:a,"},
	} {
		if other, taken := seen[r.Leaf()]; taken {
			t.Errorf("%+v and %+v have one leaf", r, other)
		}
		seen[r.Leaf()] = r
	}
	if (audit.Row{Batch: 7}).Leaf() != (audit.Row{}).Leaf() {
		t.Error("the batch is part of the digest, so nobody could digest before sealing")
	}
}

func TestATimeThatStoresDoNotKeepHasAnotherText(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 1000, time.UTC)
	if audit.Stamp(at) == audit.Stamp(at.Add(1)) {
		t.Error("a nanosecond does not show")
	}
	if back, err := audit.Time(audit.Stamp(at)); err != nil || !back.Equal(at) {
		t.Errorf("got %v, %v", back, err)
	}
}

func TestAnOddRowIsNoEvent(t *testing.T) {
	for _, r := range []audit.Row{{}, {At: "now"}, {At: "2026-01-02T03:04:05.000001Z", Addr: "nowhere"}} {
		if _, err := r.Event(); core.CodeOf(err) != core.Internal {
			t.Errorf("%+v: got %v, want internal", r, err)
		}
	}
}

func FuzzParseAnchor(f *testing.F) {
	f.Add("1:" + audit.Digest{}.String())
	f.Add("x")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := audit.ParseAnchor(text)
		if err != nil {
			return
		}
		if back, err := audit.ParseAnchor(a.String()); err != nil || back != a {
			t.Errorf("%q: got %v, %v", text, back, err)
		}
	})
}
