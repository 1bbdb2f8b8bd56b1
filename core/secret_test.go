package core_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"rekey/core"
)

const hush = "s3cret-that-nobody-prints"

// exposed holds secrets in all the ways that a struct can.
type exposed struct {
	Secret   core.Secret
	Password core.Password
	Pointer  *core.Password
	Any      any
	Slice    []core.Token
	Map      map[string]core.Token
	Change   core.Change
	private  core.Password
	inner    struct{ deeper core.Token }
	pointers []*core.Secret
	any      any
	core.OneTimeCode
}

// spilling returns values that hold the secret, by name.
func spilling() map[string]any {
	s, p, k := core.NewSecret(hush), core.NewPassword(hush), core.NewToken(hush)
	code := core.OneTimeCode{Secret: s}
	e := exposed{
		Secret: s, Password: p, Pointer: &p, Any: p, Slice: []core.Token{k}, Map: map[string]core.Token{"k": k},
		Change:  core.Change{Proof: core.Authority{Current: &p, Factor: core.Factor{Code: &code}}, New: p},
		private: p, pointers: []*core.Secret{&s}, any: &k, OneTimeCode: code,
	}
	e.inner.deeper = k
	return map[string]any{
		"secret": s, "password": p, "token": k, "pointer": &p, "pointer to pointer": ptr(&p), "struct": e, "pointer to struct": &e,
		"code": code, "slice": []core.Password{p}, "array": [1]core.Token{k}, "map": map[string]any{"p": p, "k": &k},
		"key": map[core.Secret]int{s: 1}, "knowledge": core.Knowledge{Current: p}, "possession": core.Possession{Token: k},
		"change": core.Change{Proof: core.Possession{Token: k}, New: p}, "function": p.Reveal,
		"error": &core.Error{Code: core.Internal, Err: fmt.Errorf("no proof: %v %+v %#v", p, e, k)},
	}
}

func ptr[T any](v T) *T { return &v }

// whispers reports whether text holds the secret in any notation.
func whispers(text string) bool {
	for _, verb := range []string{"%s", "%x", "% x", "%#x", "%d", "%U"} {
		for _, form := range []string{fmt.Sprintf(verb, hush[:8]), fmt.Sprintf(verb, []byte(hush[:8])), fmt.Sprintf(verb, []rune(hush[:8]))} {
			form = strings.Trim(form, "[]")
			if !strings.HasPrefix(form, "%!") && strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
				return true
			}
		}
	}
	return false
}

func TestSecretsAreNeverFormatted(t *testing.T) {
	flags := []string{"", "+", "#", "-", " ", "0", "+#", "60", "60.50", ".3", "# "}
	for name, value := range spilling() {
		for _, flag := range flags {
			for verb := '!'; verb <= '~'; verb++ {
				if text := fmt.Sprintf("%"+flag+string(verb), value); whispers(text) {
					t.Errorf("%s with %%%s%c prints %s", name, flag, verb, text)
				}
			}
		}
		if text := fmt.Sprint(value) + fmt.Sprintln(value, value); whispers(text) {
			t.Errorf("%s prints %s", name, text)
		}
	}
}

func TestSecretsAreNeverLogged(t *testing.T) {
	var out bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelDebug}
	for name, value := range spilling() {
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, options), slog.NewJSONHandler(&out, options)} {
			log := slog.New(handler).With("with", value).WithGroup("group")
			log.Error("a message", "value", value, slog.Group("inner", "value", value), "err", fmt.Errorf("wrapped: %v", value))
		}
		if whispers(out.String()) {
			t.Errorf("%s is logged: %s", name, out.String())
		}
		out.Reset()
	}
}

func TestSecretsAreNeverMarshalled(t *testing.T) {
	for name, value := range spilling() {
		text, err := json.Marshal(value)
		if whispers(string(text)) || err != nil && whispers(err.Error()) {
			t.Errorf("%s marshals as %s, %v", name, text, err)
		}
	}
	text, err := json.Marshal(map[string]any{"p": core.NewPassword(hush), "t": core.Token{}})
	if want := `{"p":"[masked]","t":"[masked]"}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v, want %s", text, err, want)
	}
}

func TestSecretsPrintAsTheMask(t *testing.T) {
	for _, value := range []any{core.NewSecret(hush), core.NewPassword(hush), core.NewToken(hush), core.Password{}, ptr(core.NewToken(""))} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, value); got != core.Mask {
				t.Errorf("%T with %s prints %q, want %q", value, verb, got, core.Mask)
			}
		}
	}
}

func TestOnlyRevealReturnsTheText(t *testing.T) {
	p := core.NewPassword(" \x00é\n")
	if got := p.Reveal(); got != " \x00é\n" {
		t.Errorf("Reveal = %q: every byte counts", got)
	}
	for _, c := range []struct {
		p, q core.Password
		want bool
	}{
		{p, core.NewPassword(" \x00é\n"), true},
		{p, core.NewPassword(" \x00e\u0301\n"), false},
		{p, core.NewPassword("\x00é\n"), false},
		{core.Password{}, core.NewPassword(""), true},
		{core.Password{}, p, false},
	} {
		if got := c.p.Equal(c.q); got != c.want {
			t.Errorf("%q equals %q: %v, want %v", c.p.Reveal(), c.q.Reveal(), got, c.want)
		}
	}
	if !(core.Secret{}).IsEmpty() || !core.NewSecret("").IsEmpty() || p.IsEmpty() {
		t.Error("IsEmpty is wrong")
	}
	if core.NewToken("a").Digest() == core.NewToken("b").Digest() {
		t.Error("two tokens have one digest")
	}
}

func TestTheRuntimePrintsTheMaskOfAPanic(t *testing.T) {
	if got := core.NewPassword(hush).String(); got != core.Mask {
		t.Errorf("String = %q, which a panic prints", got)
	}
}
