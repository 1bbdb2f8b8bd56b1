// Package chromium drives a headless Chromium as a person would use it: with a
// pointer or a finger and the keyboard, with scripts or without. It watches
// what each page asks for and complains of.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrMissing says that this machine has no Chromium.
var ErrMissing = errors.New("chromium is not installed (Debian: apt-get install chromium)")

// Browser is a headless Chromium with a profile of its own. It dies with the
// process that started it.
type Browser struct {
	ctx     context.Context //nolint:containedctx // the browser is one, to its library
	cancel  context.CancelFunc
	profile string
}

// Launch starts a browser whose profile is in dir.
func Launch(ctx context.Context, dir string) (*Browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, ErrMissing
	}
	profile, err := os.MkdirTemp(dir, "profile-")
	if err != nil {
		return nil, err
	}
	allocated, _ := chromedp.NewExecAllocator(ctx, append(flags(profile), chromedp.ExecPath(path))...)
	b := &Browser{profile: profile}
	b.ctx, b.cancel = chromedp.NewContext(allocated, chromedp.WithErrorf(func(string, ...any) {}))
	if err := chromedp.Do(b.ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start chromium: %w", err), b.Close())
	}
	return b, nil
}

// flags starts a browser that asks nobody for anything: no name but the
// server's address is even resolved.
func flags(profile string) []chromedp.ExecAllocatorOption {
	options := []chromedp.ExecAllocatorOption{chromedp.UserDataDir(profile)}
	for _, name := range []string{
		"headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "no-default-browser-check",
		"disable-background-networking", "disable-component-update", "disable-sync", "disable-default-apps",
		"disable-client-side-phishing-detection", "disable-domain-reliability", "disable-breakpad", "disable-crash-reporter",
		"disable-dev-shm-usage", "disable-extensions", "disable-background-timer-throttling", "disable-renderer-backgrounding",
		"disable-backgrounding-occluded-windows", "metrics-recording-only", "hide-scrollbars", "mute-audio", "use-mock-keychain",
	} {
		options = append(options, chromedp.Flag(name, true))
	}
	return append(options,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("disable-features", "Translate,MediaRouter,OptimizationHints,AutofillServerCommunication,PasswordLeakDetection"),
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("lang", "en-US"),
	)
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() error {
	err := chromedp.Cancel(b.ctx)
	b.cancel()
	if errors.Is(err, context.Canceled) {
		err = nil // it was to end
	}
	return errors.Join(err, os.RemoveAll(b.profile))
}
