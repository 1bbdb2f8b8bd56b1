package console

import (
	"rekey/adapters"
	"rekey/core"
)

// Page is a page or a deed, for tests that hold for all of them.
type Page struct {
	Path   string
	Name   string
	Scope  core.Scope
	Button string
}

// Sights returns all pages to look at.
func Sights() (all []Page) {
	for _, s := range sights() {
		all = append(all, Page{Path: home + s.path, Name: s.name, Scope: s.scope})
	}
	return all
}

// Deeds returns all writes.
func Deeds() (all []Page) {
	for _, d := range deeds() {
		all = append(all, Page{Path: home + d.path, Name: d.name, Scope: d.scope, Button: d.button})
	}
	return all
}

// Faults returns the table of failures.
func Faults() adapters.Faults { return faults }

// Advice returns what is said of a code.
func Advice(code string) string { return advice[code] }

// OwnPath is ownPath.
func OwnPath(text string) string { return ownPath(text) }

// Harmless is harmless.
func Harmless(cell string) string { return harmless(cell) }

// Visible is visible.
func Visible(text string) string { return string(visible(text)) }

// AssetFiles returns the content of what pages load, by its file's name.
func AssetFiles() map[string][]byte {
	all, loaded := map[string][]byte{}, loadAssets()
	for name, url := range loaded.urls {
		all[name] = loaded.byURL[url[len(assetPath):]].body
	}
	return all
}

// AssetURL returns where a file is served.
func AssetURL(name string) string { return loadAssets().urls[name] }
