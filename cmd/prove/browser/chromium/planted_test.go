package chromium_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"rekey/cmd/prove/browser/axe"
	"rekey/cmd/prove/browser/chromium"
	"rekey/core/leftout"
)

// open starts a browser with one visitor, or leaves the test out.
func open(t *testing.T) *chromium.Visitor {
	t.Helper()
	b, err := chromium.Launch(t.Context(), t.TempDir())
	if errors.Is(err, chromium.ErrMissing) {
		leftout.Skip(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	v, err := b.Visitor()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		v.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

func script(t *testing.T) string {
	t.Helper()
	text, err := axe.Script(t.Context())
	if errors.Is(err, axe.ErrUnavailable) {
		leftout.Skip(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// page is a whole page without fault, but for what is planted.
func page(head, body string) string {
	return `<!doctype html><html lang=en><head><title>A page</title><meta name=viewport content="width=device-width">
<link rel=stylesheet href=/style.css>` + head + `</head><body><main><h1>A page</h1><p>Words</p>` + body + `</main></body></html>`
}

// planted is pages that have one fault each, and what finds it says of it.
var planted = map[string]struct{ html, want string }{
	"contrast":           {page("", `<p class=pale>Hardly to be read</p>`), "color-contrast"},
	"contrast in dark":   {page("", `<p class=dim>Hardly to be read at night</p>`), "color-contrast"},
	"missing label":      {page("", `<input name=a>`), "label"},
	"small target":       {page("", `<p><a class=tiny href=/a>a</a><a class=tiny href=/b>b</a></p>`), "target-size"},
	"no language":        {strings.Replace(page("", ""), " lang=en", "", 1), "html-has-lang"},
	"outside a landmark": {strings.Replace(page("", ""), "</main>", "</main><p>Stray</p>", 1), "region"},
	"inline script":      {page(`<script>document.title = "x"</script>`, ""), "inline script"},
	"inline style":       {page("", `<p style="color:red">Red</p>`), "inline style"},
	"inline handler":     {page("", `<img alt=x src=/none onerror="alert(1)">`), "event handler"},
	"third-party image":  {page("", `<img alt=x src=https://cdn.example/x.png>`), "elsewhere: GET https://cdn.example/x.png"},
	"missing stylesheet": {page(`<link rel=stylesheet href=/none.css>`, ""), "none.css"},
	"complaint":          {page(`<script src=/complains.js></script>`, ""), "console.error: something is wrong"},
	"exception":          {page(`<script src=/throws.js></script>`, ""), "exception: "},
	"dialog":             {page(`<script src=/asks.js></script>`, ""), "dialog: hostile"},
	"too wide":           {page("", `<p class=wide>Wide</p>`), "wider than the screen"},
	"layout shift":       {page(`<script src=/pushes.js></script>`, `<p>Below</p>`), "layout shift"},
	"none":               {page("", ""), ""},
}

var assets = map[string]string{
	"/style.css": `:root { color-scheme: light dark } .pale { color: #bbb; background: #fff }
.tiny { font-size: 8px; line-height: 8px } .wide { width: 1400px }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } .dim { color: #333 } }`,
	"/complains.js": `console.error("something is wrong")`,
	"/throws.js":    `null.x`,
	"/asks.js":      `alert("hostile")`,
	"/pushes.js": `addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(() => {
	const p = document.createElement("p"); p.textContent = "Late"; p.style.height = "300px"; document.querySelector("main").prepend(p) })))`,
}

func plantedServer(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'")
		if asset, ok := assets[r.URL.Path]; ok {
			w.Header().Set("Content-Type", map[bool]string{true: "text/css", false: "text/javascript"}[strings.HasSuffix(r.URL.Path, ".css")])
			_, _ = w.Write([]byte(asset))
			return
		}
		one, ok := planted[strings.ReplaceAll(strings.TrimPrefix(r.URL.Path, "/"), "_", " ")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(one.html))
	}))
	t.Cleanup(server.Close)
	return server
}

func TestEachPlantedFaultIsFoundAndNoOther(t *testing.T) {
	rules, v, server := script(t), open(t), plantedServer(t)
	for name, one := range planted {
		t.Run(name, func(t *testing.T) {
			v.Enter(chromium.Manner{Device: chromium.Desk, Dark: strings.Contains(name, "dark")})
			figures := v.Measure(server.URL + "/" + strings.ReplaceAll(name, " ", "_"))
			found := slices.Concat(v.Faults(server.URL), v.Examine(rules), v.Overflow(), figures.Problems())
			if v.Err() != nil {
				t.Fatal(v.Err())
			}
			if one.want == "" && len(found) > 0 {
				t.Errorf("of a page without fault: %q", found)
			}
			if one.want != "" && !slices.ContainsFunc(found, func(text string) bool { return strings.Contains(text, one.want) }) {
				t.Errorf("got %q, want something of %q", found, one.want)
			}
		})
	}
}
