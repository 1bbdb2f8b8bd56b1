package config_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// service is what the profile watch says of one of its services.
type service struct {
	Image       string            `yaml:"image"`
	Profiles    []string          `yaml:"profiles"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	DependsOn   map[string]any    `yaml:"depends_on"`
	Networks    any               `yaml:"networks"`
}

func services(t *testing.T) map[string]service {
	t.Helper()
	text, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]service `yaml:"services"`
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	return compose.Services
}

// Nobody can run the profile in a test, so what its services need of one another
// is held here: files, names, addresses and ports.
func TestTheProfileThatWatchesHangsTogether(t *testing.T) {
	all := services(t)
	for name, s := range all {
		watches := slices.Contains([]string{"rekey1", "rekey2", "balancer", "prometheus", "grafana", "jaeger", "mailpit"}, name)
		if watches != slices.Equal(s.Profiles, []string{"watch"}) {
			t.Errorf("%s is of the profiles %v", name, s.Profiles)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s is open to the network: %s", name, port)
			}
		}
		for _, volume := range s.Volumes {
			if file, _, _ := strings.Cut(volume, ":"); strings.HasPrefix(file, "./") {
				if _, err := os.Stat(filepath.Join("..", file)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if _, tag, _ := strings.Cut(s.Image, ":"); s.Image != "" && (tag == "" || tag == "latest") {
			t.Errorf("%s is of no version: %s", name, s.Image)
		}
		for other := range s.DependsOn {
			if _, there := all[other]; !there {
				t.Errorf("%s waits for %s, which there is not", name, other)
			}
		}
	}
	for _, file := range []string{"../cmd/rekey/deploy/prometheus.yml", "../cmd/rekey/deploy/grafana/datasources.yml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		reached := hosts(string(text))
		if len(reached) < 2 {
			t.Errorf("%s reaches for %v", file, reached)
		}
		for _, host := range reached {
			if _, there := all[host]; !there {
				t.Errorf("%s reaches for %s, which is no service", file, host)
			}
		}
	}
	replica := all["rekey1"].Environment
	for key, host := range map[string]string{"REKEY_TELEMETRY__TRACES__ENDPOINT": "jaeger", "REKEY_MAIL__SMTP__HOST": "mailpit"} {
		if _, there := all[host]; !there || !strings.Contains(replica[key], host) {
			t.Errorf("%s is %q, want the service %s", key, replica[key], host)
		}
	}
}

// hosts returns the names in a file that are followed by a port.
func hosts(text string) (found []string) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n\t\"[],/", r) }) {
		if host, port, ok := strings.Cut(word, ":"); ok && len(port) == 4 || ok && len(port) == 5 {
			found = append(found, host)
		}
	}
	return found
}

// The replicas believe the balancer's address, and nobody else's.
func TestTheReplicasTrustTheirBalancer(t *testing.T) {
	all := services(t)
	networks, _ := all["balancer"].Networks.(map[string]any)
	watch, _ := networks["watch"].(map[string]any)
	address, _ := watch["ipv4_address"].(string)
	for _, name := range []string{"rekey1", "rekey2"} {
		trusted, err := netip.ParsePrefix(all[name].Environment["REKEY_SERVER__TRUSTED_PROXIES"])
		if err != nil || !trusted.IsSingleIP() || trusted.Addr().String() != address {
			t.Errorf("%s trusts %v, %v, want %s", name, trusted, err, address)
		}
	}
}
