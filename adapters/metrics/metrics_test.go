package metrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"rekey/adapters"
	"rekey/adapters/metrics"
	"rekey/core"
)

// meter is metrics with a clock of their own.
type meter struct {
	*metrics.Metrics
	t   *testing.T
	now time.Time
}

func newMeter(t *testing.T) *meter {
	m := &meter{t: t, now: time.Unix(1_000_000, 0)}
	m.Metrics = metrics.New(metrics.Sources{
		Now: func() time.Time { return m.now },
		Derivations: func() metrics.Derivations {
			return metrics.Derivations{Workers: 2, Running: 1, Waiting: 3, Derived: 40, Refused: 5}
		},
		Pools: func() map[string]metrics.Pool {
			return map[string]metrics.Pool{"read": {Most: 4, InUse: 2, Idle: 1, Waits: 7, Waited: 1500 * time.Millisecond}}
		},
		Build: metrics.Build{Version: "v1", Revision: "abc", Go: "go1.26"},
	})
	return m
}

// scrape returns the page.
func (m *meter) scrape() string {
	m.t.Helper()
	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if rec.Code != http.StatusOK || !strings.Contains(rec.Header().Get("Content-Type"), "charset=utf-8") {
		m.t.Errorf("got %d %s", rec.Code, rec.Header())
	}
	return rec.Body.String()
}

// tells holds that the page has the lines.
func (m *meter) tells(lines ...string) {
	m.t.Helper()
	page := m.scrape()
	for _, line := range lines {
		if !strings.Contains(page, "\n"+line+"\n") {
			var about []string
			name, _, _ := strings.Cut(strings.Fields(line)[0], "{")
			for _, told := range strings.Split(page, "\n") {
				if strings.HasPrefix(told, name) {
					about = append(about, told)
				}
			}
			m.t.Errorf("there is no line %s but\n%s", line, strings.Join(about, "\n"))
		}
	}
}

func TestRequestsAreCountedByWhatWasAnswered(t *testing.T) {
	m := newMeter(t)
	answer := func(a adapters.Answered) {
		_, end := metrics.Requests{Metrics: m.Metrics}.Begin(httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		m.tells("rekey_http_requests_in_flight 1")
		end(a)
	}
	answer(adapters.Answered{Dialect: "zap", Method: "POST", Route: "/v1/changePassword", Status: 200, Took: 30 * time.Millisecond})
	answer(adapters.Answered{Dialect: "zap", Method: "POST", Route: "/v1/changePassword", Status: 400, Code: "wrong_password", Took: 2 * time.Second})
	answer(adapters.Answered{Method: "other", Status: 404, Code: "no_route"})
	m.tells(
		"rekey_http_requests_in_flight 0",
		`rekey_http_requests_total{code="ok",dialect="zap",method="POST",route="/v1/changePassword",status="200"} 1`,
		`rekey_http_requests_total{code="wrong_password",dialect="zap",method="POST",route="/v1/changePassword",status="400"} 1`,
		`rekey_http_requests_total{code="no_route",dialect="none",method="other",route="none",status="404"} 1`,
		`rekey_http_request_seconds_bucket{dialect="zap",route="/v1/changePassword",le="0.05"} 1`,
		`rekey_http_request_seconds_count{dialect="zap",route="/v1/changePassword"} 2`,
	)
}

func TestStepsAreCountedAndWhatIsThrottled(t *testing.T) {
	m := newMeter(t)
	step := func(s core.Step, err error) {
		_, end := metrics.Steps{Metrics: m.Metrics}.Begin(t.Context(), s)
		m.now = m.now.Add(25 * time.Millisecond)
		end(err)
	}
	m.tells(`rekey_password_changes_total{code="ok"} 0`, `rekey_throttled_total{what="mail"} 0`, `rekey_pruned_rows_total{what="events"} 0`)
	step(core.Changing, nil)
	step(core.Changing, fmt.Errorf("verify: %w", core.WrongPassword))
	step(core.Changing, core.Throttled)
	step(core.Throttling, core.Throttled)
	step(core.Throttling, nil)
	step(core.Limiting, core.Throttled)
	step(core.Limiting, core.Unavailable)
	step(core.Deriving, nil)
	m.tells(
		`rekey_password_changes_total{code="ok"} 1`, `rekey_password_changes_total{code="wrong_password"} 1`, `rekey_password_changes_total{code="throttled"} 1`,
		`rekey_throttled_total{what="attempts"} 1`, `rekey_throttled_total{what="mail"} 1`,
		`rekey_step_seconds_count{step="derive"} 1`, `rekey_step_seconds_sum{step="derive"} 0.025`, `rekey_step_seconds_count{step="throttle"} 2`,
	)
}

func TestWhatIsAskedAtAScrapeIsTold(t *testing.T) {
	m := newMeter(t)
	m.Waited(300 * time.Millisecond)
	m.Derived(25 * time.Millisecond)
	m.Message(core.Outcome{Message: core.Message{Topic: core.MailResetLink}, Fate: core.Finished})
	m.Message(core.Outcome{Fate: core.Unsettled})
	m.Pruned(core.PastEvents, 500)
	m.tells(
		"rekey_derivation_workers 2", "rekey_derivations_running 1", "rekey_derivations_waiting 3", "rekey_derivations_total 40", "rekey_derivations_refused_total 5",
		`rekey_derivation_wait_seconds_bucket{le="0.5"} 1`, `rekey_derivation_wait_seconds_bucket{le="0.25"} 0`, `rekey_derivation_seconds_bucket{le="0.03"} 1`,
		`rekey_database_connections{pool="read",state="idle"} 1`, `rekey_database_connections{pool="read",state="in_use"} 2`,
		`rekey_database_connections_max{pool="read"} 4`, `rekey_database_waits_total{pool="read"} 7`, `rekey_database_wait_seconds_total{pool="read"} 1.5`,
		`rekey_messages_total{fate="finished",topic="mail.reset_link"} 1`, `rekey_messages_total{fate="unsettled",topic="none"} 1`,
		`rekey_pruned_rows_total{what="events"} 500`, `rekey_build_info{goversion="go1.26",revision="abc",version="v1"} 1`,
	)
	for _, name := range []string{"\ngo_goroutines ", "\nprocess_cpu_seconds_total "} {
		if !strings.Contains(m.scrape(), name) {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestHashesAreToldAsTheyWereCountedLast(t *testing.T) {
	m := newMeter(t)
	m.tells("rekey_account_hashes_counted_timestamp_seconds 0")
	ages := []string{"scheme", "cost", "pepper"}
	m.Hashes([]metrics.HashCount{{Scheme: "argon2id", Cost: "m=1", Accounts: 9}}, ages)
	m.now = m.now.Add(time.Second)
	m.Hashes([]metrics.HashCount{
		{Scheme: "argon2id", Cost: "m=1", Age: "cost", Accounts: 2}, {Scheme: "argon2id", Cost: "m=1", Age: "pepper", Accounts: 3},
		{Scheme: "argon2id", Cost: "m=2", Accounts: 4}, {Scheme: "none", Accounts: 5},
	}, ages)
	m.tells(
		"rekey_account_hashes_counted_timestamp_seconds 1.000001e+06",
		`rekey_account_hashes{cost="m=1",scheme="argon2id"} 5`, `rekey_account_hashes{cost="m=2",scheme="argon2id"} 4`, `rekey_account_hashes{cost="none",scheme="none"} 5`,
		`rekey_account_hashes_old{differs_in="cost"} 2`, `rekey_account_hashes_old{differs_in="pepper"} 3`, `rekey_account_hashes_old{differs_in="scheme"} 0`,
	)
}

// Rows are input: whoever imports hashes of a thousand costs gets no thousand series.
func TestKindsOfHashesAreBounded(t *testing.T) {
	m := newMeter(t)
	var counts []metrics.HashCount
	for i := range 1000 {
		counts = append(counts, metrics.HashCount{Scheme: "argon2id", Cost: fmt.Sprint("t=", i), Accounts: 1000 - i})
	}
	m.Hashes(counts, nil)
	if n := strings.Count(m.scrape(), "\nrekey_account_hashes{"); n != 21 {
		t.Errorf("there are %d kinds", n)
	}
	m.tells(`rekey_account_hashes{cost="t=0",scheme="argon2id"} 1000`, `rekey_account_hashes{cost="other",scheme="other"} 480690`)
}

func TestTheLagGrowsWhileNobodyLooks(t *testing.T) {
	m := newMeter(t)
	m.tells("rekey_outbox_seen_timestamp_seconds 0")
	m.Backlog(7, 1, m.now.Add(-30*time.Second))
	m.tells("rekey_outbox_messages 7", "rekey_outbox_dead_messages 1", "rekey_outbox_lag_seconds 30")
	m.now = m.now.Add(time.Minute)
	m.tells("rekey_outbox_lag_seconds 90", "rekey_outbox_seen_timestamp_seconds 1e+06")
	m.Backlog(0, 1, time.Time{})
	m.tells("rekey_outbox_messages 0", "rekey_outbox_lag_seconds 0")
}

func TestWhatEndpointsWereToldIsToldByTheirNames(t *testing.T) {
	m := newMeter(t)
	m.Deliveries([]metrics.Deliveries{{Endpoint: "siem", Waiting: 7, Dead: 2, Oldest: m.now.Add(-30 * time.Second)}, {Endpoint: "crm"}})
	m.tells(`rekey_webhook_deliveries{endpoint="siem"} 7`, `rekey_webhook_dead_deliveries{endpoint="siem"} 2`, `rekey_webhook_oldest_seconds{endpoint="siem"} 30`,
		`rekey_webhook_deliveries{endpoint="crm"} 0`, `rekey_webhook_oldest_seconds{endpoint="crm"} 0`, `rekey_webhook_tries_total{endpoint="crm",fate="buried"} 0`)
	m.Message(core.Outcome{Message: core.Message{Topic: core.TellEndpoint, Endpoint: "siem"}, Fate: core.Postponed})
	m.now = m.now.Add(time.Minute)
	m.tells(`rekey_webhook_tries_total{endpoint="siem",fate="postponed"} 1`, `rekey_webhook_oldest_seconds{endpoint="siem"} 90`)
	m.Deliveries(nil)
	if strings.Contains(m.scrape(), "rekey_webhook_deliveries{") {
		t.Error("what is gone is told on")
	}
}

func TestTheMetricsAreNamedAsPrometheusAsks(t *testing.T) {
	m := newMeter(t)
	m.Hashes([]metrics.HashCount{{Scheme: "argon2id", Accounts: 1}}, []string{"cost"})
	m.Backlog(0, 0, time.Time{})
	m.Deliveries([]metrics.Deliveries{{Endpoint: "siem"}})
	problems, err := promlint.New(strings.NewReader(m.scrape())).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "rekey_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
