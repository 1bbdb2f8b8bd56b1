package pages_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"rekey/adapters/pages"
	"rekey/core"
)

var filled = regexp.MustCompile(`\{[a-z]+\}`)

func TestEveryTextIsInEveryLanguage(t *testing.T) {
	if got := pages.Languages(); !slices.Equal(got[:2], []string{"en", "de"}) {
		t.Fatalf("languages: %q", got)
	}
	for key, texts := range pages.Catalogue() {
		holds := func(language string) []string {
			found := filled.FindAllString(texts[language], -1)
			slices.Sort(found)
			return found
		}
		for _, language := range pages.Languages() {
			if strings.TrimSpace(texts[language]) == "" {
				t.Errorf("%s: there is no text in %s", key, language)
			}
			if got, want := holds(language), holds("en"); !slices.Equal(got, want) {
				t.Errorf("%s: in %s it is filled with %q, in English with %q", key, language, got, want)
			}
		}
		if len(texts) != len(pages.Languages()) {
			t.Errorf("%s: it is in a language that has no name: %v", key, texts)
		}
	}
}

// keys are those that the program makes of names.
func keys() (all []string) {
	for _, rule := range core.Rules() {
		all = append(all, "rule."+string(rule), "refused."+string(rule))
	}
	for strength := range core.MostStrength + 1 {
		all = append(all, "strength."+strconv.Itoa(int(strength)))
	}
	for _, name := range []string{"expired", "used", "superseded", "unknown", "disabled"} {
		all = append(all, "dead."+name+".title", "dead."+name+".text")
	}
	for _, fault := range pages.Faults {
		all = append(all, "failed."+fault.Code+".title")
		if fault.Code != "busy" {
			all = append(all, "failed."+fault.Code+".text")
		}
	}
	return append(all, "language")
}

func TestEveryTextThatIsAskedForIsThereAndNoOther(t *testing.T) {
	asked := keys()
	literal := regexp.MustCompile(`"([a-z_]+(?:\.[a-z_0-9]+)+)"`)
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil || strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, found := range literal.FindAllStringSubmatch(string(text), -1) {
				if _, ok := pages.Catalogue()[found[1]]; ok {
					asked = append(asked, found[1])
				} else if strings.Contains(file, "templates") && !strings.HasSuffix(found[1], ".css") && !strings.HasSuffix(found[1], ".js") && !strings.HasSuffix(found[1], ".svg") {
					t.Errorf("%s: no text is called %s", file, found[1])
				}
			}
		}
	}
	for _, key := range asked {
		if _, ok := pages.Catalogue()[key]; !ok {
			t.Errorf("no text is called %s", key)
		}
	}
	for key := range pages.Catalogue() {
		if !slices.Contains(asked, key) {
			t.Errorf("nothing says %s", key)
		}
	}
}

var (
	markup = regexp.MustCompile(`(?s)<!--.*?-->|<[^<>]*>`)
	spoken = regexp.MustCompile(`\b(alt|title|placeholder|aria-label|data-[a-z]+)="([^"]+)"`)
	action = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
)

// What is written in a template in words would be in one language.
func TestNoTemplateHasATextOfItsOwn(t *testing.T) {
	files, err := fs.Glob(pages.Templates, "templates/*.html")
	if err != nil || len(files) < 7 {
		t.Fatalf("%q: %v", files, err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(pages.Templates, file)
		if err != nil {
			t.Fatal(err)
		}
		plain := action.ReplaceAllString(string(text), "")
		for _, attribute := range spoken.FindAllStringSubmatch(plain, -1) {
			if strings.ContainsFunc(attribute[2], unicode.IsLetter) {
				t.Errorf("%s: %s", file, attribute[0])
			}
		}
		if rest := markup.ReplaceAllString(plain, ""); strings.ContainsFunc(rest, unicode.IsLetter) {
			t.Errorf("%s says %q", file, strings.TrimSpace(rest))
		}
	}
}

func TestThePageSpeaksAsItIsAsked(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	for _, c := range []struct{ header, query, want string }{
		{"", "", "en"}, {"de", "", "de"}, {"de-AT,en;q=0.5", "", "de"}, {"fr-FR,fr", "", "en"}, {"fr,de;q=0.2", "", "de"},
		{"nonsense;;q=", "", "en"}, {"de", "en", "en"}, {"en", "de", "de"}, {"de", "xx", "de"},
	} {
		a := w.get("/reset-password?token="+token+"&lang="+c.query, "Accept-Language", c.header)
		w.wants(a, http.StatusOK, `<html lang="`+c.want+`"`, `lang="`+c.want+`" aria-current="true"`)
		if got := a.Header().Get("Content-Language"); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

// A chosen language is kept from page to page, and the token stays out of addresses.
func TestALanguageThatWasChosenIsKept(t *testing.T) {
	w := newWorld(t)
	token := w.account("ada").Reveal()
	a := w.post("/reset-password", "token", token, "lang", "de")
	w.wants(a, http.StatusOK, "Neues Passwort wählen", `<input type="hidden" name="lang" value="de">`)
	w.wants(w.post("/reset-password", "token", token, "lang", "de", "password", weak), http.StatusUnprocessableEntity, "zu kurz", `name="lang" value="de"`)
	a = w.post("/reset-password", "token", token, "lang", "de", "password", fresh)
	if to := a.Header().Get("Location"); to != "/reset-password?lang=de&state=done" {
		t.Errorf("it leads to %s", to)
	}
	w.wants(w.get("/reset-password?lang=de&state=done"), http.StatusOK, "wurde geändert", `method="get"`, `name="state" value="done"`)
	w.wants(w.post("/reset-password", "token", token, "lang", "de", "password", fresh), http.StatusGone, "schon verwendet", `href="/forgot-password?lang=de"`)
	a = w.post("/forgot-password", "email", "xada@acme.example", "lang", "de")
	if to := a.Header().Get("Location"); to != "/forgot-password?lang=de&state=sent" {
		t.Errorf("it leads to %s", to)
	}
	w.wants(w.get("/forgot-password?lang=de&state=sent"), http.StatusOK, "Sehen Sie in Ihr Postfach")
}
