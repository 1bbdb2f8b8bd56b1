package chromium

import (
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Request is what a page asked for, also what its own policy kept it from.
type Request struct {
	URL, Method string
	Kind        network.ResourceType
	Referers    []string // as planned, and as sent
	Decoded     int64    // bytes, without headers
	Encoded     int64    // bytes over the network, with headers
}

// watch notes what pages ask for and complain of. Its listener must be quick.
type watch struct {
	mu         sync.Mutex
	order      []network.RequestID
	requests   map[network.RequestID]*Request
	complaints []string
}

// hear implements the listener.
func (v *Visitor) hear(event any) {
	w := &v.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		r := w.request(e.RequestID)
		r.URL, r.Method, r.Kind = e.Request.URL, e.Request.Method, e.Type
		r.refer(e.Request.Headers)
	case *network.EventRequestWillBeSentExtraInfo:
		w.request(e.RequestID).refer(e.Headers)
	case *network.EventDataReceived:
		w.request(e.RequestID).Decoded += e.DataLength
	case *network.EventLoadingFinished:
		w.request(e.RequestID).Encoded = int64(e.EncodedDataLength)
	case *runtime.EventExceptionThrown:
		w.complain("exception: " + thrown(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			w.complain(fmt.Sprintf("console.%s: %s", e.Type, arguments(e.Args)))
		}
	case *log.EventEntryAdded:
		w.entry(e.Entry)
	case *page.EventJavascriptDialogOpening:
		w.complain("dialog: " + e.Message)
		go v.dismiss()
	}
}

// entry takes a line of the browser's own log. That a document was refused is
// no fault of the page: its visitor did something that is refused.
func (w *watch) entry(e *log.Entry) {
	if e.Level != log.EntryLevelError && e.Level != log.EntryLevelWarning {
		return
	}
	if e.Source == log.EntrySourceNetwork {
		if r := w.requests[e.NetworkRequestID]; r != nil && r.Kind == network.ResourceTypeDocument {
			return
		}
	}
	w.complain(fmt.Sprintf("%s: %s (%s)", e.Source, e.Text, e.URL))
}

func (w *watch) complain(text string) { w.complaints = append(w.complaints, text) }

func (w *watch) request(id network.RequestID) *Request {
	if w.requests == nil {
		w.requests = map[network.RequestID]*Request{}
	}
	r := w.requests[id]
	if r == nil {
		r = &Request{}
		w.requests[id], w.order = r, append(w.order, id)
	}
	return r
}

func (w *watch) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.order, w.requests, w.complaints = nil, nil, nil
}

func (r *Request) refer(headers network.Headers) {
	for name, value := range headers {
		if text, _ := value.(string); strings.EqualFold(name, "Referer") && text != "" {
			r.Referers = append(r.Referers, text)
		}
	}
}

func arguments(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		words = append(words, strings.Trim(string(a.Value), `"`)+a.Description)
	}
	return strings.Join(words, " ")
}

// Requests returns what was asked for since the visitor entered.
func (v *Visitor) Requests() []Request {
	v.watch.mu.Lock()
	defer v.watch.mu.Unlock()
	var all []Request
	for _, id := range v.watch.order {
		if r := v.watch.requests[id]; r.URL != "" {
			all = append(all, *r)
		}
	}
	return all
}

// Faults returns what no page may do: complain to the console or to its own
// policy, open a dialog, ask another origin for anything, or tell a secret in a
// Referer.
func (v *Visitor) Faults(origin string, secrets ...string) []string {
	faults := v.Elsewhere(origin)
	for _, r := range v.Requests() {
		for _, secret := range secrets {
			if text := strings.Join(r.Referers, " "); secret != "" && strings.Contains(text, secret) {
				faults = append(faults, "a secret is in the Referer of "+r.Method+" "+r.URL)
			}
		}
	}
	v.watch.mu.Lock()
	defer v.watch.mu.Unlock()
	return append(faults, v.watch.complaints...)
}

// Forgive returns what was complained of since the visitor entered, and forgets
// it and every request: it was to come.
func (v *Visitor) Forgive() []string {
	v.watch.mu.Lock()
	complaints := v.watch.complaints
	v.watch.mu.Unlock()
	v.watch.forget()
	return complaints
}

// Elsewhere returns the requests that leave the origin, also those that were
// stopped.
func (v *Visitor) Elsewhere(origin string) []string {
	var faults []string
	for _, r := range v.Requests() {
		u, err := url.Parse(r.URL)
		local := err == nil && (u.Scheme == "about" || u.Scheme == "data" || u.Scheme == "blob")
		if !local && !strings.HasPrefix(r.URL, origin+"/") {
			faults = append(faults, "elsewhere: "+r.Method+" "+r.URL)
		}
	}
	return faults
}

func thrown(e *runtime.ExceptionDetails) string {
	if e.Exception != nil {
		return e.Text + " " + e.Exception.Description
	}
	return e.Text
}
