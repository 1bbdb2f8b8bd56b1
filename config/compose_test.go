package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"rekey/config"
)

// TestComposeConfiguresRekey holds docker-compose.yml to the keys that there
// are: nobody can run it in a test.
func TestComposeConfiguresRekey(t *testing.T) {
	text, err := os.ReadFile("../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct {
			Environment map[string]string `yaml:"environment"`
			Secrets     []string          `yaml:"secrets"`
			Build       struct {
				Dockerfile string `yaml:"dockerfile"`
			} `yaml:"build"`
		} `yaml:"services"`
		Secrets map[string]struct {
			File string `yaml:"file"`
		} `yaml:"secrets"`
	}
	if err := yaml.Unmarshal(text, &compose); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, name := range []string{"migrate", "rekey", "rekey1", "rekey2"} {
		service := compose.Services[name]
		if _, err := os.Stat(filepath.Join("..", service.Build.Dockerfile)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var environ []string
		for key, value := range service.Environment {
			if secret, ok := strings.CutPrefix(value, "/run/secrets/"); ok {
				if _, defined := compose.Secrets[secret]; !defined || !slices.Contains(service.Secrets, secret) {
					t.Errorf("%s: %s is read from %s, which it is not given", name, key, secret)
				}
				value = filepath.Join(folder, secret)
				made := "postgres://rekey:" + strings.Repeat("made-up-", 8) + secret + "@postgres:5432/rekey?sslmode=disable\n"
				if err := os.WriteFile(value, []byte(made), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			environ = append(environ, key+"="+value)
		}
		cfg, problems := config.Load(config.Default(), environ)
		if len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		} else if got := strings.Join(cfg.Adapters.Enabled(), " "); got != "licensespring unleash zap" {
			t.Errorf("%s enables %q", name, got)
		}
	}
}
