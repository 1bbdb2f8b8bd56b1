package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"rekey/config"
)

// hostileTexts would end a line, colour a terminal, close a quote or look like a
// field of the log.
var hostileTexts = []string{
	"\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "\u009b31m", "\u202eesrever", "\u2028line", "a\tb", `","level":"ERROR","msg":"request`, `"}{"msg":"request"}`,
	`msg=request status=200`, `\n{"msg":"request"}`, `\u000a`, "%0aserving", "${jndi:ldap://x}", "<script>", "\x7f\x08\x08", "\xff\xfe", strings.Repeat("x", 20<<10),
}

// logPair is a field of the text format: its value is quoted or plain.
var logPair = regexp.MustCompile(`([a-z_]+)=("(?:[^"\\]|\\.)*"|[^\s"=]*)(?: |\n)`)

// logEntry reads one line of the log. It fails if the line has anything that is
// not a field.
func logEntry(format, line string) (map[string]string, error) {
	fields := map[string]string{}
	if format == "json" {
		var whole map[string]any
		err := json.Unmarshal([]byte(line), &whole)
		for name, value := range whole {
			fields[name] = fmt.Sprint(value)
		}
		return fields, err
	}
	length := 0
	for _, found := range logPair.FindAllStringSubmatch(line, -1) {
		length += len(found[0])
		if fields[found[1]] = strings.Trim(found[2], `"`); len(found) != 3 {
			break
		}
	}
	if length != len(line) {
		return nil, fmt.Errorf("%d of %d bytes are fields", length, len(line))
	}
	return fields, nil
}

func TestWhateverAClientWritesTheLogHasOneLineARequest(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "text"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			r := startDev(t, func(cfg *config.Config) {
				cfg.Log.Format, cfg.Server.TrustedProxies = format, prefixes("127.0.0.0/8")
			})
			answers := 0
			for _, text := range hostileTexts {
				for n, d := range dialects() {
					q := r.firstChange(d, n, "x")
					for _, raw := range []string{
						q.head("X-Request-Id: "+text, "Connection: close") + q.body, q.head("User-Agent: "+text, "Referer: "+text, "Connection: close") + q.body,
						q.head("X-Forwarded-For: "+text, "X-Real-Ip: "+text, "Forwarded: for="+text, "Connection: close") + q.body,
						q.at(text, d.path).head("Connection: close") + q.body, q.at("POST", d.path+"/"+text).head("Connection: close") + q.body,
						q.at("POST", d.path+"?"+text).head("Connection: close") + q.body, q.with("Content-Type", text).head("Connection: close") + q.body,
						q.with("Authorization", text).head("Connection: close") + q.body, q.saying(text).head("Connection: close") + text,
						q.head("Host: "+text, "Connection: close") + q.body, q.head(text+": x", "Connection: close") + q.body,
					} {
						w := r.dial()
						w.write(raw)
						for _, a := range w.answers() {
							if a.header.Get("X-Request-Id") != "" { // the rest is net/http's own
								answers++
							}
						}
					}
				}
			}
			if err := r.stop(); err != nil {
				t.Fatal(err)
			}
			lines := 0
			for line := range strings.Lines(r.log.String()) {
				fields, err := logEntry(format, line)
				if err != nil || len(line) > 1<<10 || strings.ContainsFunc(strings.TrimSuffix(line, "\n"), unprintable) {
					t.Errorf("%v: %.300q", err, line)
				}
				if fields["msg"] == "request" {
					lines++
				}
			}
			if lines != answers || answers < len(hostileTexts)*len(dialects()) {
				t.Errorf("%d requests left %d lines", answers, lines)
			}
		})
	}
}

// unprintable reports what a terminal would act upon.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029
}
