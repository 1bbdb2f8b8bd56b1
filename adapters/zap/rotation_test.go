package zap_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"
)

// rotating is an issuer and the token that it signs now.
type rotating struct {
	*publisher
	server *echo.Echo
	token  atomic.Pointer[string]
	kids   []string
}

func newRotating(t *testing.T) *rotating {
	p := newPublisher(t)
	r := &rotating{publisher: p}
	r.rotate("k0")
	r.server = serve(t, p.trusting("ES256"))
	return r
}

// rotate publishes a new key and signs with it at once, which no issuer
// should; the one before the last is withdrawn.
func (r *rotating) rotate(kid string) {
	key := es256(r.t)
	r.publish(key.private.Public(), jwkset.JWKMetadataOptions{KID: kid, USE: jwkset.UseSig}, r.kids[:max(0, len(r.kids)-1)]...)
	text := key.signedBy(kid, nil)
	r.token.Store(&text)
	r.kids = append(r.kids, kid)
}

// use sends the token that is valid now and reports an answer that is not yes.
func (r *rotating) use() {
	begin := time.Now()
	if w := post(r.server, "{}", "Bearer "+*r.token.Load()); w.Code != passed {
		r.t.Errorf("a valid token was answered %d after %s", w.Code, time.Since(begin))
	}
	if took := time.Since(begin); took > 3*time.Second {
		r.t.Errorf("a valid token waited %s", took)
	}
}

func TestKeysRotateUnderLoadWithoutAFailure(t *testing.T) {
	t.Parallel()
	r := newRotating(t)
	var group sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					r.use()
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	for n := range 3 {
		time.Sleep(500 * time.Millisecond)
		r.rotate(fmt.Sprint("k", n+1))
	}
	time.Sleep(1200 * time.Millisecond)
	close(stop)
	group.Wait()
	if got := r.fetches.Load(); got < 2 || got > 6 {
		t.Errorf("three rotations cost the issuer %d requests", got)
	}
}

func TestAFloodOfMadeUpKidsHidesNoRotation(t *testing.T) {
	t.Parallel()
	r := newRotating(t)
	r.use()
	junk := strings.Split(*r.token.Load(), ".")
	var group sync.WaitGroup
	for n := range 300 {
		group.Go(func() {
			time.Sleep(time.Duration(n) * 7 * time.Millisecond) // for two seconds
			kid := signed(fmt.Sprintf(`{"alg":"ES256","kid":"junk%d"}`, n), good(), jwt.SigningMethodHS256, []byte("x"))
			token := strings.Split(kid, ".")[0] + "." + junk[1] + "." + junk[2]
			if w := post(r.server, "{}", "Bearer "+token); w.Code != http.StatusUnauthorized {
				t.Errorf("junk was answered %d", w.Code)
			}
		})
	}
	time.Sleep(800 * time.Millisecond)
	r.rotate("k1")
	for range 3 {
		r.use()
	}
	group.Wait()
	if got := r.fetches.Load(); got > 6 {
		t.Errorf("300 made-up kids cost the issuer %d requests", got)
	}
}

func TestADeadIssuerWithAKnownKeyAndWithout(t *testing.T) {
	t.Parallel()
	r := newRotating(t)
	r.use()
	r.down.Store(true)
	for range 3 {
		r.use()
	}
	// A key that is not known cannot be had: neither yes nor no.
	known := r.token.Load()
	r.rotate("k1")
	w := post(r.server, "{}", "Bearer "+*r.token.Load())
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("an unknown key: got %d", w.Code)
	}
	r.token.Store(known)
	r.use()

	// A server that starts while its issuer is down.
	late := serve(t, r.trusting("ES256"))
	for name, token := range map[string]string{"a known key's": *known, "nobody's": es256(t).signedBy("k9", nil)} {
		if w := post(late, "{}", "Bearer "+token); w.Code != http.StatusServiceUnavailable {
			t.Errorf("without a key, %s token: got %d", name, w.Code)
		}
	}
	// Another issuer's administrators are not held up.
	begin := time.Now()
	elsewhere := hs256(otherSecret, jwt.MapClaims{"iss": "https://id.other.example"})
	cfg := r.trusting("ES256")
	other := cfg.Issuers["other"]
	other.Issuer = "https://id.other.example"
	cfg.Issuers["other"] = other
	if w := post(serve(t, cfg), "{}", "Bearer "+elsewhere); w.Code != passed || time.Since(begin) > time.Second {
		t.Errorf("another issuer's token: got %d after %s", w.Code, time.Since(begin))
	}
	r.down.Store(false)
	r.rotate("k2")
	r.use()
}

func TestAnIssuerThatIsDownStopsNobodyElse(t *testing.T) {
	t.Parallel()
	down, up := newPublisher(t), newPublisher(t)
	down.down.Store(true)
	key := es256(t)
	up.publish(key.private.Public(), jwkset.JWKMetadataOptions{KID: "one"})
	// Their tokens have no iss, so all issuers are asked, in the order of their names.
	cfg := down.trusting("ES256")
	for name, address := range map[string]string{"a": down.URL, "b": up.URL, "c": down.URL + "/c"} {
		i := cfg.Issuers["main"]
		vendorShape(&i)
		i.SubjectClaim, i.RoleClaim, i.JWKSURL = "sub", "role", address
		cfg.Issuers[name] = i
	}
	delete(cfg.Issuers, "main")
	server := serve(t, cfg)
	if w := post(server, "{}", "Bearer "+key.signedBy("one", nil)); w.Code != passed {
		t.Errorf("got %d", w.Code)
	}
	if w := post(server, "{}", "Bearer "+key.signedBy("one", jwt.MapClaims{"role": "user"})); w.Code != http.StatusForbidden {
		t.Errorf("without the role: got %d", w.Code)
	}
	// Whose token this is cannot be told.
	if w := post(server, "{}", "Bearer "+es256(t).signedBy("two", nil)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("an unknown key: got %d", w.Code)
	}
}
