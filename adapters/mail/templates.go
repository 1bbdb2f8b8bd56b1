package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html"
	htmltemplate "html/template"
	"io/fs"
	"os"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"
)

//go:embed templates
var builtin embed.FS

// parseTemplates returns all forms: the built-in ones, and over them the
// folder's, if there is one. It tries each, and returns every problem with its
// file's name.
func parseTemplates(folder, product string) (map[kind]form, []string) {
	sources, err := fs.Sub(builtin, "templates")
	if err != nil {
		return nil, []string{err.Error()}
	}
	var own fs.FS
	var problems []string
	if folder != "" {
		own = os.DirFS(folder)
		problems = strangers(own, sources)
	}
	forms := map[kind]form{}
	for _, k := range []kind{reset, code, changed, locked} {
		forms[k] = form{}
		sample := samples(product)[k]
		for _, part := range parts {
			name := string(k) + part
			text, err := read(own, sources, name)
			if err == nil {
				forms[k][part], err = parse(name, text)
			}
			if err == nil {
				err = try(forms[k][part], sample.data, sample.holds, part)
			}
			if err != nil {
				problems = append(problems, fmt.Sprintf("%s: %v", name, err))
			}
		}
	}
	return forms, problems
}

// strangers tells of templates in the folder that nobody asks for.
func strangers(own, known fs.FS) (problems []string) {
	found, err := fs.ReadDir(own, ".")
	if err != nil {
		return []string{"name a folder that can be read: " + err.Error()}
	}
	names, _ := fs.Glob(known, "*")
	for _, file := range found {
		if strings.HasSuffix(file.Name(), ".tmpl") && !slices.Contains(names, file.Name()) {
			problems = append(problems, file.Name()+": there is no such template; there are "+strings.Join(names, ", "))
		}
	}
	return problems
}

// read returns the folder's file, or the built-in one if the folder has none.
func read(own, standard fs.FS, name string) (string, error) {
	if own != nil {
		text, err := fs.ReadFile(own, name)
		if !errors.Is(err, fs.ErrNotExist) {
			return string(text), err
		}
	}
	text, err := fs.ReadFile(standard, name)
	return string(text), err
}

func parse(name, text string) (template, error) {
	if strings.HasSuffix(name, ".html.tmpl") {
		return htmltemplate.New(name).Parse(text)
	}
	return texttemplate.New(name).Parse(text)
}

// try writes a sample and looks whether it holds what a reader needs.
func try(t template, data any, holds, part string) error {
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return err
	}
	text := strings.TrimSpace(out.String())
	switch {
	case text == "":
		return errors.New("it writes nothing")
	case part == parts[0] && strings.ContainsAny(text, "\r\n"):
		return errors.New("a subject is one line")
	case part != parts[0] && !strings.Contains(html.UnescapeString(text), holds):
		return errors.New("it does not write {{.Link}} or {{.Code}}, which is what the mail is for")
	}
	return nil
}

// Samples are what templates are tried with, and what a text must hold to be
// of use.
const (
	sampleLink = "https://accounts.example/reset-password?token=sample-token"
	sampleCode = "20471312"
)

func samples(product string) map[kind]struct {
	data  any
	holds string
} {
	common := Common{Product: product, BaseURL: "https://accounts.example", Name: "Ada Lovelace"}
	at := time.Unix(0, 0).UTC()
	return map[kind]struct {
		data  any
		holds string
	}{
		reset:   {Reset{common, sampleLink, at}, sampleLink},
		code:    {Code{common, sampleCode, at}, sampleCode},
		changed: {Notice{common, at, "sample", "192.0.2.1"}, ""},
		locked:  {Notice{common, at, "sample", "192.0.2.1"}, ""},
	}
}
