package chromium

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// patience bounds one act of a visitor. The machine may be busy.
const patience = 20 * time.Second

// Open goes to an address, and waits until the page is loaded.
func (v *Visitor) Open(url string) { v.follow("open "+url, chromedp.Navigate(url)) }

// Submit clicks or taps the element, and waits until the page is loaded that
// this leads to.
func (v *Visitor) Submit(selector string) {
	v.follow("submit "+selector, v.touch(selector))
}

// SubmitBy presses a key, and waits until the page is loaded that this leads to.
func (v *Visitor) SubmitBy(key string) { v.follow("submit by a key", chromedp.KeyEvent(key)) }

// Click clicks or taps the element.
func (v *Visitor) Click(selector string) {
	act(v, "click "+selector, v.touch(selector))
}

// Press presses a key, such as kb.Tab.
func (v *Visitor) Press(key string, modifiers ...chromedp.Modifier) {
	act(v, "press "+strconv.Quote(key), chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers...)))
}

// Type writes the text into the field, in the place of what was there.
func (v *Visitor) Type(selector, text string) {
	act(v, "clear "+selector, chromedp.Clear(chromedp.CSS(selector)))
	act(v, "type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Paste puts the text in at once, as from the clipboard or a password manager.
func (v *Visitor) Paste(selector, text string) {
	act(v, "focus "+selector, chromedp.Focus(chromedp.CSS(selector)))
	act(v, "clear "+selector, chromedp.Clear(chromedp.CSS(selector)))
	call(v, input.InsertText, input.InsertTextParams{Text: text})
}

// Choose chooses the value in a list.
func (v *Visitor) Choose(selector, value string) {
	act(v, "choose in "+selector, chromedp.SetValue(chromedp.CSS(selector), value))
}

// Back goes back one page.
func (v *Visitor) Back() { act(v, "go back", chromedp.NavigateBack()) }

// Reload loads the page again.
func (v *Visitor) Reload() { v.follow("reload", chromedp.Reload()) }

// touch clicks, or taps where there is no pointer.
func (v *Visitor) touch(selector string) chromedp.Action[chromedp.Void] {
	find := chromedp.CSS(selector)
	if v.manner.Device.Touch {
		return chromedp.Tap(find, chromedp.NodeVisible)
	}
	return chromedp.Click(find, chromedp.NodeVisible)
}

// follow does what leads to another page, and keeps that page's status.
func (v *Visitor) follow(what string, action chromedp.Action[chromedp.Void]) {
	if v.err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, action)
	if err != nil {
		v.fail("%s: %w", what, err)
		return
	}
	if v.Status = 0; answer != nil {
		v.Status = answer.Status
	}
}

// act does one thing, unless an earlier one has failed.
func act[T any](v *Visitor, what string, action chromedp.Action[T]) T {
	var none T
	if v.err != nil {
		return none
	}
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		v.fail("%s: %w", what, err)
		return none
	}
	return result
}

// call sends one command of the protocol, unless an act has failed.
func call[P, R any](v *Visitor, command cdp.Command[P, R], params P) R {
	return act(v, fmt.Sprintf("%T", params), func(ctx context.Context, t *chromedp.Target) (R, error) {
		return cdp.Call(ctx, t, command, params)
	})
}

func (v *Visitor) fail(format string, args ...any) {
	if v.err == nil {
		v.err = fmt.Errorf(format, args...)
	}
}
