package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"rekey/config"
)

// metric returns the value of a line of the metrics page, as
// name{label="value"}; -1 if there is none.
func (r *running) metric(line string) float64 {
	r.t.Helper()
	_, page := r.probe("/metrics")
	_, rest, found := strings.Cut(page, "\n"+line+" ")
	if !found {
		return -1
	}
	text, _, _ := strings.Cut(rest, "\n")
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		r.t.Fatalf("%s: %v", line, err)
	}
	return value
}

// shows waits until the metrics have the values.
func (r *running) shows(want map[string]float64) {
	r.t.Helper()
	for line, value := range want {
		got := 0.0
		r.eventually("the metrics have "+line, func() bool { got = r.metric(line); return got == value })
	}
}

func TestMetricsTellWhatWasDone(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		cost := ""
		r := startDev(t, withDSN(dsn), func(cfg *config.Config) {
			cfg.Attempts.PerClient.Free = 1
			made := cfg.Passwords.Hash.Argon2id
			cost = fmt.Sprintf("m=%d,t=%d,p=%d", made.Memory, made.Iterations, made.Parallelism)
		})
		if a := r.send(request{method: http.MethodGet, path: "/metrics"}); a.status != http.StatusNotFound {
			t.Errorf("metrics are served to clients: %d", a.status)
		}
		for n, d := range dialects() {
			r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), "the change")
		}
		for range 3 {
			r.send(licensespringDialect.change(r.facts, 0, "no password of hers", "A fresh sample staple 2"))
		}
		r.shows(map[string]float64{
			`rekey_http_requests_total{code="ok",dialect="zap",method="POST",route="/v1/changePassword",status="200"}`:                1,
			`rekey_http_requests_total{code="ok",dialect="unleash",method="POST",route="/auth/reset/password",status="200"}`:          1,
			`rekey_http_requests_total{code="ok",dialect="licensespring",method="POST",route="/api/v4/change_password",status="200"}`: 1,
			`rekey_http_request_seconds_count{dialect="licensespring",route="/api/v4/change_password"}`:                               4,
			`rekey_password_changes_total{code="ok"}`: 3, `rekey_password_changes_total{code="wrong_password"}`: 1, `rekey_password_changes_total{code="throttled"}`: 2,
			`rekey_throttled_total{what="attempts"}`: 2, `rekey_step_seconds_count{step="commit"}`: 3,
			"rekey_derivations_running": 0, "rekey_derivations_waiting": 0, "rekey_derivations_refused_total": 0, "rekey_outbox_messages": 0, "rekey_outbox_lag_seconds": 0,
			`rekey_account_hashes{cost="` + cost + `",scheme="argon2id"}`: 4, `rekey_account_hashes_old{differs_in="cost"}`: 0,
		})
		derived := r.metric("rekey_derivations_total")
		if seen := r.metric("rekey_derivation_seconds_count"); derived < 8 || seen != derived {
			t.Errorf("%v derivations of which %v were measured", derived, seen)
		}
		for _, line := range []string{"rekey_derivation_workers", "go_goroutines", "process_resident_memory_bytes"} {
			if r.metric(line) < 1 {
				t.Errorf("%s is %v", line, r.metric(line))
			}
		}
		_, page := r.probe("/metrics")
		for _, must := range []string{"rekey_build_info{goversion=\"go1", "rekey_database_connections{pool=", "rekey_derivation_wait_seconds_bucket{"} {
			if !strings.Contains(page, "\n"+must) {
				t.Errorf("there is no %s", must)
			}
		}
	})
}

// A cost is taken up as accounts change, and the gauge says how many have not.
func TestMetricsTellHowManyHashesAreOld(t *testing.T) {
	t.Parallel()
	onEveryDatabase(t, func(t *testing.T, dsn string) {
		first := startDev(t, withDSN(dsn))
		accounts := first.Accounts
		first.end()
		r := startDev(t, withDSN(dsn), func(cfg *config.Config) {
			cfg.Passwords.Hash.Argon2id.Iterations++
			cfg.Telemetry.CountHashesEvery = 100 * time.Millisecond
		})
		r.Accounts = accounts
		r.shows(map[string]float64{
			`rekey_account_hashes_old{differs_in="cost"}`: 4, `rekey_account_hashes_old{differs_in="scheme"}`: 0, `rekey_account_hashes_old{differs_in="pepper"}`: 0,
		})
		r.succeeds(licensespringDialect, r.send(r.firstChange(licensespringDialect, 0, "A fresh sample staple 1")), "the change")
		r.shows(map[string]float64{`rekey_account_hashes_old{differs_in="cost"}`: 3})
	})
}

// Whatever clients send, the page does not grow: nobody can fill a Prometheus
// server, nor write their own words into it.
func TestMetricsDoNotGrowWithWhatClientsSend(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	junk := func(i int) {
		for _, q := range []request{
			{method: "GET", path: fmt.Sprintf("/hunter2-%d", i)},
			{method: "GET", path: fmt.Sprintf("/v1/hunter2-%d", i)},
			{method: fmt.Sprintf("HUNTER2%d", i), path: "/v1/changePassword"},
			{method: "POST", path: fmt.Sprintf("/auth/reset/password?hunter2=%d", i), header: map[string]string{"X-Request-Id": fmt.Sprintf("hunter2-%d", i), "User-Agent": "hunter2"}},
			{method: "POST", path: "/api/v4/change_password", body: fmt.Sprintf(`{"hunter2-%d":1}`, i), header: map[string]string{"Content-Type": "application/json"}},
		} {
			r.send(q)
		}
	}
	ours := regexp.MustCompile(`(?m)^rekey_.*\{`)
	junk(0)
	r.shows(map[string]float64{"rekey_http_requests_in_flight": 0}) // all are counted
	_, page := r.probe("/metrics")
	before := len(ours.FindAllString(page, -1))
	for i := range 50 {
		junk(i + 1)
	}
	_, page = r.probe("/metrics")
	if after := len(ours.FindAllString(page, -1)); after > before+3 || before < 50 { // the counts of hashes may have come
		t.Errorf("%d series have become %d", before, after)
	}
	if strings.Contains(strings.ToLower(page), "hunter2") {
		t.Error("a client's words are in the metrics")
	}
	for _, secret := range []string{"acme", "globex", r.LicenseSpring.APIKey, r.Accounts[0].Email} {
		if strings.Contains(page, secret) {
			t.Errorf("the metrics tell %q", secret)
		}
	}
}
