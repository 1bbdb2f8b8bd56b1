package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"rekey/core/leftout"
)

// expressions returns every PromQL expression below v, by JSON's or YAML's key
// expr, and those of the dashboard's variables.
func expressions(v any) (found []string) {
	switch v := v.(type) {
	case map[string]any:
		for key, below := range v {
			if text, ok := below.(string); ok && (key == "expr" || key == "query" && strings.Contains(text, "(")) {
				found = append(found, text)
			}
			found = append(found, expressions(below)...)
		}
	case []any:
		for _, below := range v {
			found = append(found, expressions(below)...)
		}
	}
	return found
}

var (
	metricName = regexp.MustCompile(`\b(?:rekey|go|process)_[a-z_]+`)
	matchers   = regexp.MustCompile(`\b((?:rekey|go|process)_[a-z_]+)\{([^}]*)\}`)
	labelName  = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)\s*"`)
	grouping   = regexp.MustCompile(`\bby \(([^)]*)\)`)
)

// Whoever renames a metric breaks the dashboard and the alerts in silence, unless
// this fails.
func TestTheDashboardAndTheAlertsAskForWhatThereIs(t *testing.T) {
	t.Parallel()
	r := startDev(t, told("siem", receive(t, hookSecret).URL, hookSecret))
	for n, d := range dialects() {
		r.succeeds(d, r.send(r.firstChange(d, n, "A fresh sample staple 1")), "the change")
	}
	r.eventually("hashes are counted", func() bool { return r.metric(`rekey_account_hashes_old{differs_in="cost"}`) == 0 })
	r.eventually("the outbox is looked at", func() bool { return r.metric("rekey_outbox_messages") == 0 })
	r.eventually("deliveries are looked at", func() bool { return r.metric(`rekey_webhook_dead_deliveries{endpoint="siem"}`) == 0 })
	_, page := r.probe("/metrics")
	page += "rekey_messages_total{fate=\"\",topic=\"\"} 0\n" // there are none without mail; adapters/metrics tests it
	asked := 0
	for file, parse := range map[string]func([]byte, any) error{"deploy/grafana/rekey.json": json.Unmarshal, "deploy/rekey.rules.yml": yaml.Unmarshal} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var content any
		if err := parse(text, &content); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, expression := range expressions(content) {
			asked++
			for _, problem := range unknown(expression, page) {
				t.Errorf("%s asks for %s, which there is not: %s", file, problem, expression)
			}
		}
	}
	if asked < 45 {
		t.Errorf("only %d expressions were found", asked)
	}
}

// unknown returns the metrics and labels of an expression that the page lacks.
func unknown(expression, page string) (problems []string) {
	names := metricName.FindAllString(expression, -1)
	for _, name := range names {
		if !strings.Contains(page, "\n"+name+" ") && !strings.Contains(page, "\n"+name+"{") {
			problems = append(problems, name)
		}
	}
	for _, m := range matchers.FindAllStringSubmatch(expression, -1) {
		for _, label := range labelName.FindAllStringSubmatch(m[2], -1) {
			if !hasLabel(page, m[1], label[1]) {
				problems = append(problems, m[1]+"{"+label[1]+"}")
			}
		}
	}
	for _, by := range grouping.FindAllStringSubmatch(expression, -1) {
		for _, label := range strings.Split(by[1], ", ") {
			if !slices.ContainsFunc(names, func(name string) bool { return hasLabel(page, name, label) }) {
				problems = append(problems, "by "+label)
			}
		}
	}
	return problems
}

// hasLabel reports whether a metric has a label, of its own or of a scrape's.
func hasLabel(page, name, label string) bool {
	if label == "instance" || label == "job" {
		return true
	}
	_, rest, _ := strings.Cut(page, "\n"+name+"{")
	labels, _, _ := strings.Cut(rest, "} ")
	return strings.Contains(","+labels, ","+label+`="`)
}

func TestUnknownMetricsAndLabelsAreFound(t *testing.T) {
	const page = "\nrekey_a{what=\"x\",le=\"1\"} 1\nrekey_b 2\n"
	for expression, want := range map[string]int{
		`sum(rate(rekey_a{what="x"}[5m])) / rekey_b`:  0,
		`sum by (what, le) (rekey_a{instance=~"$i"})`: 0,
		`rekey_c`:                     1,
		`rekey_a{who="x", what!~"y"}`: 1,
		`sum by (who) (rekey_a)`:      1,
		`rekey_aa + rekey_b{what="x"} + go_memstats_bad`: 3,
	} {
		if got := unknown(expression, page); len(got) != want {
			t.Errorf("%s: got %v, want %d", expression, got, want)
		}
	}
}

// promtool is Prometheus's own judge of its files. The rules' test says which
// alerts fire when all is well, and when all goes wrong.
func TestPrometheusTakesItsFiles(t *testing.T) {
	t.Parallel()
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		leftout.Skip(t, "promtool (Debian: apt-get install prometheus), to judge the alerts with")
	}
	for _, args := range [][]string{{"check", "config", "prometheus.yml"}, {"check", "rules", "rekey.rules.yml"}, {"test", "rules", "rekey.rules.test.yml"}} {
		command := exec.CommandContext(t.Context(), promtool, args...)
		command.Dir = "deploy"
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	rules, err := os.ReadFile(filepath.Join("deploy", "rekey.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	tested, err := os.ReadFile(filepath.Join("deploy", "rekey.rules.test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, alert := range regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(string(rules), -1) {
		if !strings.Contains(string(tested), "alertname: "+alert[1]+",") {
			t.Errorf("%s has no test", alert[1])
		}
	}
}
