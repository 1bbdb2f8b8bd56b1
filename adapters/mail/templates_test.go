package mail_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rekey/adapters/mail"
	"rekey/adapters/mail/mailtest"
	"rekey/core"
)

// folder writes templates to a folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	path := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(path, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestAnInstallationsTemplatesReplaceOurs(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	conf := config(t, server.Address)
	conf.Product = "Österreich & Söhne"
	conf.Templates = folder(t, map[string]string{
		"reset.subject.tmpl": "Neues Kennwort für {{.Product}}\n",
		"reset.txt.tmpl":     "Hallo {{.Name}}\n{{.Link}} bis {{.Expires.Format \"15:04\"}}\n",
		"README":             "not a template",
	})
	if err := w.do(w.mailer(conf), message(core.MailResetLink, w.account("ada@acme.example", "Ada"))); err != nil {
		t.Fatal(err)
	}
	read := server.Wait(t, 1)[0].Read(t)
	if read.Subject != "Neues Kennwort für Österreich & Söhne" {
		t.Errorf("the subject is %q", read.Subject)
	}
	if !strings.HasPrefix(read.Text, "Hallo Ada\nhttps://") || !strings.Contains(read.HTML, "Österreich &amp; Söhne") {
		t.Errorf("got\n%s\n%s", read.Text, read.HTML)
	}
}

func TestHostileNamesStayText(t *testing.T) {
	for name, want := range map[string]string{
		`<script>alert(1)</script>`:             `&lt;script&gt;alert(1)&lt;/script&gt;`,
		"Ada\u2028Bcc: eve@evil.example":        "AdaBcc: eve@evil.example",
		"\u202emoc.live\u2069":                  "moc.live",
		`" onmouseover="x`:                      `&#34; onmouseover=&#34;x`,
		`{{.Link}}`:                             `{{.Link}}`,
		strings.Repeat("é", 100):                strings.Repeat("é", 80),
		`=?utf-8?q?Bcc:_eve=40evil.example?= x`: `=?utf-8?q?Bcc:_eve=40evil.example?= x`,
	} {
		w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
		conf := config(t, server.Address)
		conf.Templates = folder(t, map[string]string{
			"changed.subject.tmpl": "{{.Name}}: changed",
			"changed.html.tmpl":    `<p title="{{.Name}}">{{.Name}}</p>`,
		})
		if err := w.do(w.mailer(conf), message(core.MailChangedNotice, w.account("ada@acme.example", name))); err != nil {
			t.Fatal(err)
		}
		read := server.Wait(t, 1)[0].Read(t)
		if !strings.HasSuffix(read.HTML, `">`+want+`</p>`) || strings.Count(read.HTML, `"`) != 2 {
			t.Errorf("%q: got %s", name, read.HTML)
		}
		got := slices.Sorted(func(yield func(string) bool) {
			for header := range read.Header {
				if !yield(header) {
					return
				}
			}
		})
		if want := []string{"Auto-Submitted", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}; !slices.Equal(got, want) {
			t.Errorf("%q: got the headers %v", name, got)
		}
	}
}

func TestASubjectIsOneLine(t *testing.T) {
	w, server := newWorld(t), mailtest.Start(t, mailtest.Options{})
	conf := config(t, server.Address)
	conf.Templates = folder(t, map[string]string{"changed.subject.tmpl": `{{if eq .Dialect "sample"}}ok{{else}}changed` + "\r\n" + `Bcc: eve@evil.example{{end}}`})
	if err := w.do(w.mailer(conf), message(core.MailChangedNotice, w.account("ada@acme.example", ""))); err != nil {
		t.Fatal(err)
	}
	got := server.Wait(t, 1)[0]
	if read := got.Read(t); read.Subject != "changed Bcc: eve@evil.example" || read.Header.Get("Bcc") != "" || len(got.To) != 1 {
		t.Errorf("got %q to %v", read.Subject, got.To)
	}
}

func TestEveryProblemOfTheTemplatesIsReported(t *testing.T) {
	conf := config(t, "127.0.0.1:25")
	conf.Templates = folder(t, map[string]string{
		"reset.txt.tmpl":       "{{.Lnk}}",
		"reset.html.tmpl":      "<p>{{.Link",
		"reset.subject.tmpl":   "two\nlines",
		"code.txt.tmpl":        "no code here",
		"code.html.tmpl":       `<a href="{{if true}}">`,
		"changed.subject.tmpl": "  \n",
		"chnged.txt.tmpl":      "misspelt",
		"changed.txt.tmpl":     "{{.Link}}",
	})
	var got []string
	conf.Validate(func(key, problem string) {
		name, _, _ := strings.Cut(problem, ":")
		got = append(got, key+" "+name)
	})
	want := []string{
		"templates chnged.txt.tmpl", "templates reset.subject.tmpl", "templates reset.txt.tmpl", "templates reset.html.tmpl",
		"templates code.txt.tmpl", "templates code.html.tmpl", "templates changed.subject.tmpl", "templates changed.txt.tmpl",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	_, err := mail.New(conf, nil)
	code(t, err, core.Invalid, "a mailer of broken templates")
	conf.Templates = "/no/such/folder"
	got = nil
	conf.Validate(func(key, problem string) { got = append(got, key+" "+problem) })
	if len(got) != 1 || !strings.HasPrefix(got[0], "templates name a folder that can be read") {
		t.Errorf("got %q", got)
	}
}
