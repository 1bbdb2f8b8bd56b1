package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"testing"
	"time"
)

// BenchmarkLists measures whole pages of the console, each of 300 requests one after
// another, in the directory of a "rekey dev --dsn" whose link to the console stands in
// REKEY_LISTS_CONSOLE. What "rekey bench --accounts" has filled is a crowd.
func BenchmarkLists(b *testing.B) {
	link := os.Getenv("REKEY_LISTS_CONSOLE")
	if link == "" {
		b.Skip("REKEY_LISTS_CONSOLE names no console")
	}
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Timeout: patience}
	fetch(b, client, link)
	at, err := url.Parse(link)
	if err != nil {
		b.Fatal(err)
	}
	for _, page := range []string{
		"/console/accounts", "/console/accounts?q=c00000123@crowd.example", "/console/accounts?q=c000001", "/console/accounts/c00000123",
		"/console/audit", "/console/audit?what=password.changed", "/console/audit?outcome=throttled", "/console/audit?who=key:nobody",
		"/console/audit?account=c00000123@crowd.example", "/console/audit?from=2026-01-01&what=password.changed&dialect=licensespring",
		"/console/deliveries", "/console/deliveries?state=dead&endpoint=rare",
	} {
		b.Run(page, func(b *testing.B) { benchPage(b, client, "http://"+at.Host+page) })
	}
}

func benchPage(b *testing.B, client *http.Client, page string) {
	const calls = 300
	for b.Loop() {
		var took []time.Duration
		for range calls {
			begun := time.Now()
			fetch(b, client, page)
			took = append(took, time.Since(begun))
		}
		slices.Sort(took)
		for name, n := range map[string]int{"p50-ms": calls / 2, "p99-ms": calls * 99 / 100, "max-ms": calls - 1} {
			b.ReportMetric(float64(took[n].Microseconds())/1000, name)
		}
	}
}

// fetch gets a page that must be there.
func fetch(b *testing.B, client *http.Client, page string) {
	b.Helper()
	got, err := client.Get(page)
	if err != nil {
		b.Fatal(err)
	}
	_, err = io.Copy(io.Discard, got.Body)
	_ = got.Body.Close()
	if err != nil || got.StatusCode != http.StatusOK || got.Request.URL.Path == "/console/sign-in" {
		b.Fatalf("%s: got %s, %v", page, got.Status, err)
	}
}
