package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"rekey/config"
	"rekey/store/pgtest"
)

// Whoever renames a path, a port or a metric breaks the manifests in silence, unless
// this fails.
func TestTheManifestsFitTogether(t *testing.T) {
	all := manifests(t, "rekey.yaml")
	all["Job"] = manifests(t, "migrate.yaml")["Job"]
	if all["Job"].at(container+"image") != all["Deployment"].at(container+"image") {
		t.Error("another image migrates")
	}
	for kind, fields := range manifestFields {
		all[kind].has(t, kind, map[string]string{"metadata.namespace": "rekey"})
		all[kind].has(t, kind, fields)
	}
	for _, kind := range []string{"Deployment", "Job"} {
		all[kind].has(t, kind, confined)
	}
	if !strings.Contains(contentOf(t, "Dockerfile"), "USER 65532:65532") {
		t.Error("the image runs as somebody else")
	}
}

var mounted = regexp.MustCompile(`/run/secrets/rekey/(\w+)`)

// laidOut writes the configuration and the secrets where this machine has them.
func laidOut(t *testing.T, dsn string) (file string, names []string) {
	t.Helper()
	text, folder := manifests(t, "rekey.yaml")["ConfigMap"].at("data.rekey_yaml"), t.TempDir()
	const key = "bm90IGEga2V5OiBtYWtlIG9uZSBvZiB5b3VyIG93biE="
	values := map[string]string{"store_dsn": dsn, "pepper_k2026": "cGVwcGVyOiBtYWtlIG9uZSBvZiB5b3VyIG93biAyNng=", "sealing_k2026": key}
	for _, name := range mounted.FindAllStringSubmatch(text, -1) {
		names = append(names, name[1])
		value := values[name[1]]
		if value == "" {
			value = "some-secret-of-" + name[1]
		}
		if err := os.WriteFile(filepath.Join(folder, name[1]), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return write(t, "rekey.yaml", strings.ReplaceAll(text, "/run/secrets/rekey", folder)), names
}

func TestTheManifestsSumsAreRight(t *testing.T) {
	file, names := laidOut(t, "postgres://rekey@127.0.0.1/rekey")
	page := contentOf(t, "deploy/KUBERNETES.md")
	for _, name := range names {
		if !strings.Contains(page, "--from-file="+name) {
			t.Errorf("the page does not put %s into the Secret", name)
		}
	}
	cfg, err := loadConfig(config.Default(), file)
	if err != nil {
		t.Fatal(err)
	}
	all := manifests(t, "rekey.yaml")
	deployment, scaler := all["Deployment"], all["HorizontalPodAutoscaler"]
	if grace := deployment.number(t, pod+"terminationGracePeriodSeconds"); float64(grace) < (cfg.Server.DrainDelay + cfg.Server.DrainTimeout).Seconds() {
		t.Errorf("a pod has %d s to end, and takes up to %v", grace, cfg.Server.DrainDelay+cfg.Server.DrainTimeout)
	}
	workers := cfg.Passwords.Hash.Workers
	if cpu, wait := deployment.number(t, container+"resources.requests.cpu"), scaler.number(t, "spec.metrics.0.pods.target.averageValue"); workers != cpu || workers != wait {
		t.Errorf("%d workers, %d CPUs, and %d may wait", workers, cpu, wait)
	}
	const beside, connections = 104, 2300 * 48 / 1024 // MiB
	if limit := deployment.number(t, container+"resources.limits.memory"); limit < workers*cfg.Passwords.Hash.Argon2id.Memory/1024+beside+connections {
		t.Errorf("%d MiB are too little for %d workers and 2,300 connections", limit, workers)
	}
	pods := scaler.number(t, "spec.maxReplicas") + deployment.number(t, "spec.strategy.rollingUpdate.maxSurge")
	if used := pods * cfg.Store.MaxConnections; used > 97 || !strings.Contains(page, fmt.Sprintf("%d × %d is %d,", pods, cfg.Store.MaxConnections, used)) {
		t.Errorf("%d pods open %d connections: PostgreSQL has 97 by default, and the page must say so", pods, used)
	}
}

// The pods' configuration is served, and what probes and the autoscaler ask for is there.
func TestTheManifestsConfigurationServes(t *testing.T) {
	file, _ := laidOut(t, pgtest.DSN(t))
	t.Setenv("REKEY_SERVER__ADDRESS", "127.0.0.1:0")
	t.Setenv("REKEY_OPERATIONS__ADDRESS", "127.0.0.1:0")
	t.Setenv("REKEY_SERVER__DRAIN_DELAY", "0s")
	mustRun(t, "", "migrate", "--config", file)
	r := startServe(t, file)
	deployment := manifests(t, "rekey.yaml")["Deployment"]
	for _, probe := range []string{"livenessProbe", "readinessProbe"} {
		path := deployment.at("spec.template.spec.containers.0." + probe + ".httpGet.path")
		if status, text := r.probe(path); status != 200 {
			t.Errorf("%s: %s answers %d %s", probe, path, status, text)
		}
	}
	_, page := r.probe("/metrics")
	var adapter struct {
		Rules []struct {
			SeriesQuery  string `yaml:"seriesQuery"`
			MetricsQuery string `yaml:"metricsQuery"`
			Name         struct{ As string }
		}
	}
	if err := yaml.NewDecoder(bytes.NewBufferString(contentOf(t, "deploy/kubernetes/prometheus-adapter.yaml"))).Decode(&adapter); err != nil || len(adapter.Rules) != 1 {
		t.Fatalf("got %v, %v", adapter, err)
	}
	rule := adapter.Rules[0]
	series, _, _ := strings.Cut(rule.SeriesQuery, "{")
	if !strings.Contains(page, "\n"+series+" ") || rule.Name.As != manifests(t, "rekey.yaml")["HorizontalPodAutoscaler"].at("spec.metrics.0.pods.metric.name") {
		t.Errorf("the autoscaler's metric is made of %s as %s, which there is not", series, rule.Name.As)
	}
}

var appliedFile = regexp.MustCompile(`-f (\S+)`)

// The page's kubectl is run by nobody here; what it names is there.
func TestTheClustersCommandsNameWhatThereIs(t *testing.T) {
	commands := blocks(contentOf(t, "deploy/KUBERNETES.md"), "console")
	var names []string
	for _, text := range commands {
		for _, file := range appliedFile.FindAllStringSubmatch(text, -1) {
			names = append(names, filepath.Base(file[1]))
			if _, err := os.Stat(filepath.Join("deploy", file[1])); err != nil {
				t.Error(err)
			}
		}
		for line := range strings.Lines(text) {
			if !strings.Contains(line, "kubectl apply") && !strings.Contains(line, "namespace rekey") {
				t.Errorf("it names no namespace: %s", line)
			}
		}
	}
	if slices.Sort(names); !slices.Equal(slices.Compact(names), []string{"migrate.yaml", "rekey.yaml"}) {
		t.Errorf("got %v, want both manifests", names)
	}
}
