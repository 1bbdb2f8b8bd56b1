package licensespring_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rekey/adapters/adaptertest"
	"rekey/config/secret"
	"rekey/core/leftout"
)

// need skips the test, aloud, on a machine without the program.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		leftout.Skip(t, program+", with which a client of nobody here is tried")
	}
}

// answer is what the client got last.
type answer struct {
	Status  int
	Headers map[string]string
	Body    string
}

// client runs testdata/client.py.
func client(t *testing.T, args ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, "python3", append([]string{"-I", "testdata/client.py"}, args...)...)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("client.py %q: %v\n%s", args, err, stderr(err))
	}
	var got answer
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	return got
}

func stderr(err error) []byte {
	if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // it is what Output returns
		return exit.Stderr
	}
	return nil
}

func TestAnIndependentClientIsServedInEveryForm(t *testing.T) {
	need(t, "python3")
	cfg := companies()
	cfg.ResponseKey = responseKey.private
	server := httptest.NewServer(serve(t, cfg, atNoon))
	defer server.Close()
	noon := strconv.FormatInt(adaptertest.Now.Unix(), 10)
	password := forgotten
	for n, signer := range []string{"python3", "openssl"} {
		t.Run("signed by "+signer, func(t *testing.T) {
			need(t, signer)
			for _, form := range []string{"node", "python", "docs", "php"} {
				next := fmt.Sprintf("correct horse %s %d ü", form, n)
				got := client(t, "signed", server.URL+"/api/v4", form, signer, noon, apiKey, sharedKey, "ada@acme.example", password, next)
				if got.Status != http.StatusOK || got.Body != "password_changed" || got.Headers["LicenseSignature"] != responseKey.sign("password_changed") {
					t.Fatalf("%s: got %+v", form, got)
				}
				got = client(t, "signed", server.URL+"/api/v4", form, signer, noon, apiKey, sharedKey+"x", "ada@acme.example", next, password)
				if got.Status != http.StatusUnauthorized {
					t.Fatalf("%s, with another key: got %+v", form, got)
				}
				password = next
			}
		})
	}
}

// changeBody changes the password.
const changeBody = `{"username":"ada@acme.example","password":"` + forgotten + `","new_password":"correct horse battery staple"}`

// signatures returns the header's values, in the vendor's spelling.
func signatures(w *httptest.ResponseRecorder) []string {
	return map[string][]string(w.Header())["LicenseSignature"]
}

func TestOpenSSLVerifiesTheAnswersSignature(t *testing.T) {
	need(t, "openssl")
	server := serve(t, companies(), atNoon)
	w := postBody(server, changeBody, constants()["signing.authorization"])
	if w.Code != http.StatusOK {
		t.Fatalf("got %d, %s", w.Code, w.Body)
	}
	signature, err := base64.StdEncoding.DecodeString(signatures(w)[0])
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(w.Body.Bytes())
	if err := rsa.VerifyPKCS1v15(&responseKey.key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
		t.Errorf("Go: %v", err)
	}
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	key, sign := file("key.pem", []byte(responseKey.public.Reveal())), file("signature", signature)
	for name, test := range map[string]struct {
		body []byte
		want bool
	}{"the body": {w.Body.Bytes(), true}, "another": {append(w.Body.Bytes(), '\n'), false}} {
		out, err := exec.CommandContext(t.Context(), "openssl", "dgst", "-sha256", "-verify", key, "-signature", sign, file("body", test.body)).CombinedOutput()
		if (err == nil) != test.want {
			t.Errorf("%s: openssl says %s", name, out)
		}
	}
}

func TestACompanysResponseKeyGoesBeforeTheDialects(t *testing.T) {
	cfg := companies()
	cfg.ResponseKey = strangersKey.private
	for _, test := range []struct {
		company string
		key     keyPair
	}{{"acme", strangersKey}, {"signing", responseKey}} {
		w := postBody(serve(t, cfg, atNoon), changeBody, constants()[test.company+".authorization"])
		if got := signatures(w); len(got) != 1 || got[0] != test.key.sign("password_changed") {
			t.Errorf("%s: got %q", test.company, got)
		}
	}
	cfg.ResponseKey = secret.Value{}
	w := postBody(serve(t, cfg, atNoon), changeBody, constants()["acme.authorization"])
	if got := signatures(w); w.Code != http.StatusOK || got != nil {
		t.Errorf("without a key: got %d, %q", w.Code, got)
	}
}

func TestAnIndependentOAuthClientComesToAnEnd(t *testing.T) {
	need(t, "python3")
	for name, test := range map[string]struct {
		first, then string // the tokens that the client is given
		want        string // the code of the last answer
		gets        int64
	}{
		"expired":         {token(issuerKey, jwt.MapClaims{"exp": ago(time.Hour)}), token(issuerKey, nil), "", 2},
		"cut":             {tokens()["cut"], token(issuerKey, nil), "", 2},
		"good":            {token(issuerKey, nil), "", "", 1},
		"another key":     {token(strangersKey, nil), "", "oauth_token_invalid", 1},
		"another client":  {token(issuerKey, jwt.MapClaims{"azp": "stranger"}), "", "oauth_token_invalid", 1},
		"another issuer":  {token(issuerKey, jwt.MapClaims{"iss": "https://elsewhere.example"}), "", "oauth_token_invalid", 1},
		"an opaque token": {"2YotnFZFEjr1zCsicMWpAA", "", "oauth_token_invalid", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var gets atomic.Int64
			login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				given := test.first
				if gets.Add(1) > 1 {
					given = test.then
				}
				_ = json.NewEncoder(w).Encode(map[string]any{"access_token": given, "expires_in": 300})
			}))
			defer login.Close()
			cfg := companies()
			for name, company := range cfg.Companies {
				if company.OAuth.TokenURL != "" {
					company.OAuth.TokenURL = login.URL
				}
				cfg.Companies[name] = company
			}
			server := httptest.NewServer(serve(t, cfg, atNoon))
			defer server.Close()
			got := client(t, "oauth", server.URL+"/api/v4", strconv.FormatInt(adaptertest.Now.Unix(), 10),
				"rekey-oauth", "secret", "ada@acme.example", forgotten, "correct horse battery staple")
			var failure struct{ Code string }
			_ = json.Unmarshal([]byte(got.Body), &failure)
			if failure.Code != test.want || (test.want == "") != (got.Body == "password_changed") || gets.Load() != test.gets {
				t.Errorf("got %+v after %d tokens", got, gets.Load())
			}
		})
	}
}
