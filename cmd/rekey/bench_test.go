package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"rekey/cmd/rekey/bench"
	"rekey/config"
	"rekey/config/secret"
)

// measure runs a short bench as an operator does, and returns what it reports.
func measure(t *testing.T, args ...string) bench.Report {
	t.Helper()
	args = append([]string{"bench", "--json", "--duration", "3s", "--warmup", "200ms", "--raw", "200ms", "--rounds", "1"}, args...)
	command := exec.CommandContext(t.Context(), "rekey", args...)
	command.Env = append(os.Environ(), "REKEY_PASSWORDS__HISTORY=3", "REKEY_PASSWORDS__HASH__ARGON2ID__MEMORY=7168", "REKEY_PASSWORDS__HASH__ARGON2ID__ITERATIONS=5")
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	err := command.Run()
	var report bench.Report
	if err == nil {
		err = json.Unmarshal(out.Bytes(), &report)
	}
	if err != nil {
		t.Fatalf("%v: %v: %s%s", args, err, problems.String(), out.String())
	}
	return report
}

// The figures are held to what they mean, and not to how fast a machine is.
func TestBenchMeasuresEveryDialect(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes too long under the race detector")
	}
	for dialect, derivations := range map[string]float64{"licensespring": 3, "zap": 3, "unleash": 2} {
		r := measure(t, "--dialect", dialect, "--clients", "2")
		if r.Changes == 0 || len(r.Failures) > 0 || r.Unhealthy > 0 || r.Derivations != derivations {
			t.Errorf("%s: %+v", dialect, r)
		}
		share := r.PerSecond * derivations / ((r.Raw[0] + r.Raw[1]) / 2)
		if math.Abs(share-r.Share) > 1e-9 || r.PeakMemory < 20 || r.P50 > r.P99 || r.P99 > r.Max {
			t.Errorf("%s: %+v", dialect, r)
		}
		checkCores(t, r)
	}
}

// checkCores holds that what the cores did adds up to all of them.
func checkCores(t *testing.T, r bench.Report) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	p := r.Parts
	if p == nil {
		t.Fatal("it is not told where the cores were")
	}
	all, cores := p.Derivations+p.Server+p.Clients+p.Others+p.Stolen+p.Idle, float64(runtime.NumCPU())
	if math.Abs(all-cores) > cores/10 || p.Derivations <= 0 || p.Clients <= 0 || p.Idle < 0 || r.Ceiling <= 0 || r.Ceiling > 1 {
		t.Errorf("got %.2f of %.0f cores, %+v, and a ceiling of %.2f", all, cores, *p, r.Ceiling)
	}
	if used := (p.Derivations + p.Server) / (r.ChangeCPU * r.PerSecond * r.DerivationCPU / 1000); used < 0.8 || used > 1.2 {
		t.Errorf("got %.2f of the server's processor time, %+v", used, r)
	}
}

func TestBenchMeasuresAServerThatRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes too long under the race detector")
	}
	t.Parallel()
	dsn := "sqlite:" + t.TempDir() + "/rekey.db"
	r := startDev(t, withDSN(dsn), func(cfg *config.Config) { cfg.Store.DSN = secret.New(dsn) })
	report := measure(t, "--url", r.BaseURL, "--facts", r.file, "--dsn", dsn, "--clients", "3")
	if report.Changes == 0 || len(report.Failures) > 0 || report.ChangeCPU != 0 || report.Parts != nil {
		t.Errorf("got %+v", report)
	}
	if n := len(r.logged("request")); n < report.Changes {
		t.Errorf("the server logged %d requests, and %d changes are reported", n, report.Changes)
	}
}
