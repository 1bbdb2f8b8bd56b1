package pages

import (
	_ "embed"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
)

//go:embed words.yaml
var wordsFile []byte

// catalogue has every text by its key, and below it by its language.
var catalogue = sync.OnceValue(func() map[string]map[string]string {
	var texts map[string]map[string]string
	if err := yaml.Unmarshal(wordsFile, &texts); err != nil {
		panic(err) // the file is part of the program
	}
	return texts
})

// languages are those that texts are in, English first: it is spoken to whoever
// asks for none of them.
var languages = sync.OnceValue(func() []string {
	all := slices.Sorted(maps.Keys(catalogue()["language"]))
	slices.SortStableFunc(all, func(x, y string) int {
		switch {
		case x == english:
			return -1
		case y == english:
			return 1
		}
		return 0
	})
	return all
})

const english = "en"

var matcher = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, name := range languages() {
		tags = append(tags, language.Make(name))
	}
	return language.NewMatcher(tags)
})

// speaker says things in one language.
type speaker struct {
	Lang   string
	chosen bool // whether somebody asked for it by name, so that links keep it
}

// speak returns a speaker of the language that is chosen, or else of the one that
// the browser asks for.
func speak(r *http.Request, chosen string) speaker {
	if slices.Contains(languages(), chosen) {
		return speaker{chosen, true}
	}
	tags, _, err := language.ParseAcceptLanguage(strings.Join(r.Header.Values("Accept-Language"), ","))
	if err != nil {
		return speaker{Lang: english}
	}
	_, i, _ := matcher().Match(tags...)
	return speaker{Lang: languages()[i]}
}

// T returns the text with the key, filled with names and values in turns.
func (s speaker) T(key string, fill ...any) string {
	text := catalogue()[key][s.Lang]
	if len(fill) == 0 {
		return text
	}
	pairs := make([]string, 0, len(fill))
	for i, part := range fill {
		written := fmt.Sprint(part)
		if i%2 == 0 {
			written = "{" + written + "}"
		}
		pairs = append(pairs, written)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Chosen returns the language if somebody asked for it by name, and "" otherwise.
func (s speaker) Chosen() string {
	if s.chosen {
		return s.Lang
	}
	return ""
}

// tongue is a language that a page can be had in.
type tongue struct {
	Tag, Name string
	Current   bool
}

// Tongues returns all languages, each by the name that it has for itself.
func (s speaker) Tongues() (all []tongue) {
	for _, tag := range languages() {
		all = append(all, tongue{tag, catalogue()["language"][tag], tag == s.Lang})
	}
	return all
}
