package pages_test

import (
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rekey/adapters/pages"
)

// visit calls every page in every state that can be had.
func (w *world) visit(token string) {
	w.t.Helper()
	for _, lang := range []string{"", "de"} {
		w.get("/reset-password?token=" + token + "&lang=" + lang)
		w.get("/forgot-password?lang=" + lang)
		w.get("/forgot-password?state=sent&lang=" + lang)
		w.get("/reset-password?state=done&lang=" + lang)
		w.get("/reset-password?lang=" + lang)
		w.get("/reset-password/nowhere?token=" + token)
		w.get("/pages/nowhere")
		w.get("/.well-known/change-password?token=" + token)
		w.get("/reset-password/check?token=" + token)
		for _, password := range []string{weak, present} {
			w.post("/reset-password", "token", token, "password", password, "repeat", password, "lang", lang)
			w.post("/reset-password", "token", token, "password", password, "repeat", weak+"x", "lang", lang)
			w.post("/reset-password/check", "token", token, "password", password, "lang", lang)
			w.post("/reset-password", "token", token, "password", password, password, token)
			w.post("/reset-password", "token", password, "password", token)
			w.post("/forgot-password", "email", password, "lang", password)
			w.send(request(http.MethodPut, "/reset-password?token="+token, password))
			w.send(request(http.MethodPost, "/reset-password", `{"token":"`+token+`","password":"`+password+`"}`, "Content-Type", "application/json"))
			w.send(request(http.MethodPost, "/reset-password?password="+url.QueryEscape(password), encode("token", token, "password", password)+"&password=%zz"))
		}
	}
	w.post("/reset-password", "token", token, "password", fresh)
	w.post("/reset-password", "token", token, "password", fresh)
	w.get("/reset-password?token=" + token)
}

// A token stands in a form's hidden field and nowhere else; a password nowhere.
func TestNoSecretIsToldBackOrLogged(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	w.visit(token)
	hidden := `<input type="hidden" name="token" value="` + token + `">`
	told := 0
	for _, said := range append(w.said, w.log.String()) {
		told += strings.Count(said, hidden)
		said = strings.ReplaceAll(said, hidden, "")
		for name, secret := range map[string]string{"the token": token, "a password": weak, "the present password": present, "the new one": fresh} {
			for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
				if strings.Contains(said, form) {
					t.Errorf("%s is told: %s", name, said)
				}
			}
		}
	}
	if told == 0 || w.log.Len() == 0 {
		t.Errorf("nothing was looked at: %d fields, %d bytes of log", told, w.log.Len())
	}
}

func TestEveryAnswerKeepsItsBrowserInBounds(t *testing.T) {
	w := newWorld(t)
	w.visit(w.account("ada").Reveal())
	wants := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Frame-Options":              "DENY",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Content-Type-Options":       "nosniff",
		"Cache-Control":                "no-store",
	}
	for _, said := range w.said {
		for name, value := range wants {
			if !strings.Contains(said, name+": "+value+"\r\n") {
				t.Errorf("no %s: %s in %.1500s", name, value, said)
			}
		}
		if !strings.Contains(said, "Permissions-Policy: ") || strings.Contains(said, "Set-Cookie") {
			t.Errorf("abilities, or a cookie, in %.800s", said)
		}
		if strings.Contains(said, `name="token"`) && !strings.Contains(said, "Referrer-Policy: no-referrer\r\n") {
			t.Errorf("a page with a token tells its address: %.800s", said)
		}
		for _, inline := range []string{" style=", " onclick=", "<style", "javascript:", "http://", "https://"} {
			if strings.Contains(said, inline) {
				t.Errorf("%s in %s", inline, said)
			}
		}
	}
}

// A page with all that it loads.
func TestAPageIsLight(t *testing.T) {
	w := newWorld(t)
	bytes := len(w.get("/reset-password?token=" + w.account("ada").Reveal()).text)
	files, err := fs.Glob(pages.Static, "static/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := fs.ReadFile(pages.Static, file)
		if err != nil {
			t.Fatal(err)
		}
		bytes += len(data)
	}
	if bytes > 32<<10 {
		t.Errorf("%d bytes", bytes)
	}
}
