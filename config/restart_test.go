package config_test

import (
	"slices"
	"strings"
	"testing"

	"rekey/config"
	"rekey/config/load"
	"rekey/config/secret"
)

func refused(from, to config.Config) []string {
	salt := []byte("salt")
	var keys []string
	for _, p := range config.NeedRestart(load.Diff(load.Snapshot(&from, salt), load.Snapshot(&to, salt))) {
		if p.Text != "restart the server to change it" {
			keys = append(keys, "without advice:")
		}
		keys = append(keys, p.Key)
	}
	return keys
}

func TestWhatARunningServerCannotTakeUpIsNamed(t *testing.T) {
	for want, change := range map[string]func(*config.Config){
		"server.address":         func(c *config.Config) { c.Server.Address = ":1" },
		"server.read_timeout":    func(c *config.Config) { c.Server.ReadTimeout++ },
		"server.write_timeout":   func(c *config.Config) { c.Server.WriteTimeout++ },
		"server.idle_timeout":    func(c *config.Config) { c.Server.IdleTimeout++ },
		"operations.address":     func(c *config.Config) { c.Operations.Address = "" },
		"operations.socket":      func(c *config.Config) { c.Operations.Socket = "" },
		"store.dsn":              func(c *config.Config) { c.Store.DSN = secret.New("sqlite:other.db") },
		"store.max_connections":  func(c *config.Config) { c.Store.MaxConnections++ },
		"server.tls.certificate": func(c *config.Config) { c.Server.TLS = config.TLS{Certificate: "a", Key: "b"} },
	} {
		to := config.Default()
		change(&to)
		if got := refused(config.Default(), to); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %v", want, got)
		}
	}
}

func TestAllElseIsTakenUp(t *testing.T) {
	from, to := config.Default(), config.Default()
	from.Server.TLS = config.TLS{Certificate: "a", Key: "a"}
	to.Server.TLS = config.TLS{Certificate: "b", Key: "b"}
	to.Server.RequestTimeout++
	to.Server.DrainDelay++
	to.Server.MemoryLimit = 100
	to.Passwords.Hash.Workers, to.Passwords.Hash.Queue = 3, 7
	to.Attempts.Stop--
	to.Retention.Events++
	to.Mail.Enabled, to.Log.Level, to.Adapters.ZAP.Enabled = true, "debug", true
	if got := refused(from, to); len(got) > 0 {
		t.Errorf("refused: %s", strings.Join(got, ", "))
	}
	to.Server.TLS = config.TLS{}
	if got := refused(from, to); !slices.Equal(got, []string{"server.tls.certificate"}) {
		t.Errorf("TLS that is switched off: got %v", got)
	}
}
