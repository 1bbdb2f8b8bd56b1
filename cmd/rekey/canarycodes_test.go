package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"time"

	"rekey/adapters/mail/mailtest"
)

// plantFactor reads the secret that was shown to be enrolled.
func (c *campaign) plantFactor(uri string) {
	found := regexp.MustCompile(`secret=([A-Z2-7]{32})`).FindStringSubmatch(uri)
	if found == nil {
		c.t.Fatalf("no secret was shown: %q", uri)
	}
	c.factor = c.h.plant("the factor's secret", found[1], "account otp enroll")
	raw, _ := base32.StdEncoding.DecodeString(c.factor)
	c.h.plant("the factor's secret, raw", string(raw), "account otp enroll")
}

// code returns an unspent code of the factor.
func (c *campaign) code() string {
	step := time.Now().Unix() / 30
	if step <= c.step {
		c.t.Fatal("the step is spent already")
	}
	c.step = step
	secret, _ := base32.StdEncoding.DecodeString(c.factor)
	mac := hmac.New(sha1.New, secret)
	_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	number := binary.BigEndian.Uint32(sum[sum[19]&0xf:]) & 0x7fffffff
	return c.h.plant("a time-based code", fmt.Sprintf("%06d", number%1_000_000))
}

var codeInMail = regexp.MustCompile(`\b[0-9]{8}\b`)

// plantMails reports whether a link and a code were mailed, and plants them.
func (c *campaign) plantMails() bool {
	var link, code string
	for _, m := range c.smtp.Mails() {
		read := m.Read(c.t)
		if found := resetLink.FindStringSubmatch(read.Text); found != nil && m.To[0] == "grace@acme.example" {
			link = found[1]
		}
		if found := codeInMail.FindString(read.Text); found != "" && m.To[0] == "alan@acme.example" {
			code = found
		}
	}
	if link == "" || code == "" {
		return false
	}
	c.linked = c.h.plant("a mailed link's token", link, "the mails")
	c.mailed = c.h.plant("a mailed code", code, "the mails")
	return true
}

// refuse is the mail server: it takes mails, or refuses them and says in full what
// it was sent, password and all.
func (c *campaign) refuse(stage, arg string) error {
	if stage != c.quoting.Load() {
		return nil
	}
	c.quoted.Add(1)
	c.mu.Lock()
	c.refusedMails = append(c.refusedMails, arg)
	c.mu.Unlock()
	words := strings.NewReplacer("=\r\n", "", "\r\n", " ", "=3D", "=").Replace(arg)
	if i := strings.Index(words, "token="); i > 0 {
		words = words[i:]
	} else if found := codeInMail.FindString(words); found != "" {
		words = found
	}
	return mailtest.Refusal(550, [3]int{5, 7, 1}, "refused: "+words[:min(len(words), 300)])
}

// plantRefused plants what stood in mails that the server refused.
func (c *campaign) plantRefused() {
	links, codes := 0, 0
	for _, text := range c.refusedMails {
		text = strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(text)
		if found := resetLink.FindStringSubmatch(text); found != nil {
			c.h.plant("a refused link's token", found[1])
			links++
		}
		if found := codeInMail.FindString(text); found != "" {
			c.h.plant("a refused code", found)
			codes++
		}
	}
	if links+codes == 0 {
		c.t.Error("no mail was refused with its secret quoted")
	}
}
