package chromium

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Device is what a visitor holds.
type Device struct {
	Name          string
	Width, Height int64
	Touch         bool
}

// The devices of every check.
var (
	Desk  = Device{Name: "desk", Width: 1280, Height: 900}
	Phone = Device{Name: "phone", Width: 390, Height: 844, Touch: true}
)

// Manner is how somebody visits.
type Manner struct {
	Device   Device
	NoScript bool
	Dark     bool
	Still    bool   // asks for reduced motion
	Forced   bool   // has forced colours
	Language string // of Accept-Language; empty: English
}

// String names the manner, such as "phone, dark, no script".
func (m Manner) String() string {
	words := []string{m.Device.Name}
	for _, w := range []struct {
		is   bool
		word string
	}{{m.Dark, "dark"}, {m.Still, "still"}, {m.Forced, "forced colours"}, {m.NoScript, "no script"}} {
		if w.is {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ", ")
}

// Visitor is one person at one tab, who shares no cookie with others. The first
// act that fails is kept, and every later one does nothing; Err tells it.
type Visitor struct {
	Status int64 // of the last document

	ctx    context.Context //nolint:containedctx // the tab is one, to its library
	cancel context.CancelFunc
	watch  watch
	manner Manner
	err    error
}

// Visitor opens a tab that shares no cookie with others.
func (b *Browser) Visitor() (*Visitor, error) {
	v := &Visitor{}
	v.ctx, v.cancel = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(v.hear))
	v.err = chromedp.Do(v.ctx)
	call(v, network.Enable, network.EnableParams{})
	call(v, page.Enable, page.EnableParams{})
	call(v, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: shiftObserver})
	return v, v.err
}

// Close closes the tab.
func (v *Visitor) Close() { v.cancel() }

// Err returns the first act that failed.
func (v *Visitor) Err() error { return v.err }

// Enter makes the visitor a new person, without cookies and without a history
// of faults, who visits in this manner.
func (v *Visitor) Enter(m Manner) {
	v.err, v.Status = nil, 0
	v.Leave()
	call(v, network.ClearBrowserCookies, cdp.Empty{})
	call(v, page.ResetNavigationHistory, cdp.Empty{})
	v.Become(m)
	v.watch.forget()
}

// Leave goes to an empty page.
func (v *Visitor) Leave() { act(v, "leave", chromedp.Navigate("about:blank")) }

// Become changes the manner from the next page on.
func (v *Visitor) Become(m Manner) {
	v.scripts(!m.NoScript)
	v.Restyle(m)
	language := m.Language
	if language == "" {
		language = "en-US,en"
	}
	agent := Eval[string](v, "navigator.userAgent")
	call(v, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: language})
}

// Restyle changes the device, the colours and the motion, of the page that is
// open, too.
func (v *Visitor) Restyle(m Manner) {
	v.manner = m
	call(v, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: m.Device.Touch})
	v.Resize(m.Device.Width, m.Device.Height)
	var features []*emulation.MediaFeature
	for name, choice := range map[string]struct {
		chosen    bool
		yes, none string
	}{
		"prefers-color-scheme":   {m.Dark, "dark", "light"},
		"prefers-reduced-motion": {m.Still, "reduce", "no-preference"},
		"forced-colors":          {m.Forced, "active", "none"},
	} {
		value := choice.none
		if choice.chosen {
			value = choice.yes
		}
		features = append(features, &emulation.MediaFeature{Name: name, Value: value})
	}
	call(v, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// Enlarge makes the text as large as this, in percent, as a browser's setting for
// the size of text does.
func (v *Visitor) Enlarge(percent int) {
	Eval[bool](v, fmt.Sprintf(`document.documentElement.style.fontSize = "%d%%", true`, percent))
}

// Resize gives the visitor another viewport.
func (v *Visitor) Resize(width, height int64) {
	call(v, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: v.manner.Device.Touch,
	})
}

func (v *Visitor) scripts(on bool) {
	call(v, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// dismiss closes a dialog, so that the page goes on.
func (v *Visitor) dismiss() {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}) // the tab may be gone
}
