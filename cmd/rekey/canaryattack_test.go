package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// attack sends a dialect everything that fails, with secrets where they belong
// and where they do not.
func (c *campaign) attack(d dialect) {
	good := c.ask(d, c.wrong, c.fresher)
	all := slices.Concat([]request{
		good, c.ask(d, c.wrong, c.weak), c.ask(d, c.wrong, c.long), c.ask(d, c.present[0], c.weak),
		c.ask(d, c.present[2], c.weak), c.ask(d, c.token, c.weak), c.ask(d, c.present[0], c.present[0]),
	}, c.members(good), c.bodies(good), c.heads(good))
	for _, q := range all {
		if q.header["X-Request-Id"] == "" {
			q = q.with("X-Request-Id", c.typed)
		}
		c.send(q)
	}
	for _, method := range []string{"GET", "PUT", "DELETE", "OPTIONS", c.named} {
		c.send(good.at(method, d.path+"?password="+url.QueryEscape(c.typed)))
	}
	c.sendChunked(good.saying(strings.Repeat(c.typed, 1<<13)))
	for _, text := range []string{ // what net/http answers itself
		"GET /" + c.typed + " HTTP/1.1\r\n\r\n", "GET " + d.path + "/%zz" + c.named + " HTTP/1.1\r\nHost: x\r\n\r\n", c.typed + "\r\n\r\n",
		"POST " + d.path + " HTTP/1.1\r\nHost: " + c.named + "\r\nX: " + strings.Repeat(c.typed, 2000) + "\r\n\r\n",
		"POST " + d.path + " HTTP/1.1\r\nHost: " + c.named + "\r\nTransfer-Encoding: " + c.named + "\r\n\r\n",
		"POST " + d.path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n" + c.typed, // and hangs up
	} {
		w := c.dial()
		_, _ = w.Write([]byte(text))
		if !strings.Contains(text, "500") {
			if a, err := http.ReadResponse(w.read, nil); err == nil {
				c.keep("answers", []byte(read(c.t, a).body))
			}
		}
		_ = w.Close()
	}
}

// members returns the request with every member wrong, each in every way.
func (c *campaign) members(good request) (all []request) {
	var body map[string]any
	if err := json.Unmarshal([]byte(good.body), &body); err != nil {
		c.t.Fatal(err)
	}
	for name := range maps.Keys(body) {
		for _, wrong := range []any{c.typed, []string{c.typed}, map[string]string{c.typed: c.typed}, true, nil, c.typed + "@acme.example", c.named} {
			changed := maps.Clone(body)
			changed[name] = wrong
			all = append(all, good.saying(toJSON(changed)))
		}
		less := maps.Clone(body)
		delete(less, name)
		all = append(all, good.saying(toJSON(less)))
	}
	for name, value := range map[string]string{c.typed: "x", c.named: c.typed, "secureOTP": c.typed, "otp": c.typed, "id": c.typed} {
		more := maps.Clone(body)
		more[name] = value
		all = append(all, good.saying(toJSON(more)))
	}
	return all
}

// bodies returns the request with bodies that cannot be read.
func (c *campaign) bodies(good request) (all []request) {
	for _, body := range []string{
		c.typed, quoted(c.typed), "[" + quoted(c.typed) + "]", good.body[:len(good.body)/2] + c.typed, good.body + quoted(c.typed),
		`{"password":` + quoted(c.typed) + `,"password":` + quoted(c.typed) + "}", `{"password":"` + c.named + `\ud800"}`,
		`{"password":"` + c.named + "\xff\"}", `{"password":` + quoted(c.typed) + ",}", "{" + quoted(c.typed) + "}", `{"a":` + c.named + "}",
		strings.Repeat("x"+c.named, 8000), utf16le(good.body), "password=" + url.QueryEscape(c.typed) + "&new_password=" + url.QueryEscape(c.typed),
	} {
		all = append(all, good.saying(body), good.saying(body).with("Content-Type", "application/x-www-form-urlencoded"))
	}
	return all
}

// heads returns the request with secrets in its path, query and header.
func (c *campaign) heads(good request) (all []request) {
	for _, path := range []string{
		"/" + url.PathEscape(c.typed), ";" + url.PathEscape(c.typed), "?password=" + url.QueryEscape(c.typed), "?" + url.QueryEscape(c.typed),
		"/more?token=" + c.token,
	} {
		all = append(all, good.at(http.MethodPost, good.path+path))
	}
	all = append(all, good.at(http.MethodPost, "/"+url.PathEscape(c.typed)), request{method: "GET", path: "/auth/reset/validate?token=" + url.QueryEscape(c.typed)},
		request{method: "GET", path: "/api/v4/oauth_url?login_type=" + url.QueryEscape(c.typed)})
	for name, values := range map[string][]string{
		"Authorization": {
			c.typed, "Bearer " + c.typed, "Bearer " + c.forged, "Bearer " + c.strangersToken, "Bearer " + c.oauth, "Bearer " + c.oauth + "x", c.Unleash.AdminToken,
			"Basic " + c.named, `algorithm="hmac-sha256",headers="date",signature="` + c.named + `",apikey="` + c.named + `"`,
			`algorithm="` + c.named + `",headers="` + c.named + `",signature="x",apikey="` + c.LicenseSpring.APIKey + `"`,
			`algorithm="hmac-sha256",headers="date",signature="` + c.named + `",apikey="` + c.LicenseSpring.APIKey + `"`,
		},
		"Content-Type":     {c.named, "text/" + c.named, "application/json; charset=" + c.named, "application/json; x=" + quoted(c.typed)},
		"Content-Encoding": {c.named, "gzip", "deflate"}, "Date": {c.typed}, "Cookie": {"password=" + c.typed}, "User-Agent": {c.typed},
		"Referer": {"https://acme.example/?token=" + c.typed}, "X-Forwarded-For": {c.typed}, "X-Password": {c.typed}, "Accept": {c.typed},
		"Forwarded": {"for=" + c.typed}, "Origin": {c.typed}, "Traceparent": {c.typed}, "X-Request-Id": {c.requestID}, "Expect": {c.typed},
	} {
		for _, value := range values {
			all = append(all, good.with(name, value))
		}
	}
	return all
}
