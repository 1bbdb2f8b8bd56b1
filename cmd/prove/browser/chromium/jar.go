package chromium

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Cookies returns what the browser keeps for the page's address.
func (v *Visitor) Cookies() []*network.Cookie {
	return call(v, network.GetCookies, network.GetCookiesParams{}).Cookies
}

// Download follows a link that leads to a file, and returns what is in it.
func (v *Visitor) Download(selector string) string {
	folder, err := os.MkdirTemp("", "download-")
	if err != nil {
		v.fail("download: %w", err)
		return ""
	}
	defer func() { _ = os.RemoveAll(folder) }()
	v.keepDownloads(folder)
	v.Click(selector)
	for begun := time.Now(); v.err == nil; time.Sleep(20 * time.Millisecond) {
		found, _ := filepath.Glob(filepath.Join(folder, "*"))
		if len(found) == 1 && !strings.HasSuffix(found[0], ".crdownload") {
			if text, err := os.ReadFile(found[0]); err == nil && len(text) > 0 {
				return string(text)
			}
		}
		if time.Since(begun) > patience {
			v.fail("download %s: nothing came", selector)
		}
	}
	return ""
}

func (v *Visitor) keepDownloads(folder string) {
	act(v, "keep downloads", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
			Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
			BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID,
		})
		return err
	}))
}
