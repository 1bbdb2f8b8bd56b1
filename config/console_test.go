package config_test

import (
	"slices"
	"testing"
	"time"

	"rekey/config"
	"rekey/config/load"
	"rekey/core"
)

func TestSessionsOfTheConsoleAreShort(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	for name, c := range map[string]struct {
		idle, lifetime, confirmed time.Duration
		want                      []string
	}{
		"the least":                 {minute, minute, 10 * time.Second, nil},
		"the most":                  {12 * hour, 12 * hour, 12 * hour, nil},
		"a long day":                {minute, 12*hour + 1, minute, []string{"console.lifetime"}},
		"no life":                   {0, 0, 0, []string{"console.confirmed", "console.idle", "console.lifetime"}},
		"idle for longer than life": {2 * hour, hour, minute, []string{"console.idle"}},
		"idle for no time":          {minute - 1, hour, 10 * time.Second, []string{"console.idle"}},
		"confirmed for longer":      {minute, hour, minute + 1, []string{"console.confirmed"}},
		"confirmed for no time":     {minute, hour, 10*time.Second - 1, []string{"console.confirmed"}},
	} {
		cfg := config.Default()
		cfg.Console = config.Console{Enabled: true, Idle: c.idle, Lifetime: c.lifetime, Confirmed: c.confirmed}
		var got []string
		for _, p := range cfg.Validate() {
			got = append(got, p.Key)
		}
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		cfg.Console.Enabled = false
		if problems := cfg.Validate(); len(problems) > 0 {
			t.Errorf("%s, disabled: got %v", name, problems)
		}
	}
}

func TestTheConsoleIsOffByDefaultAndItsSessionsEndSoon(t *testing.T) {
	c := config.Default().Console
	if want := (core.SessionLimits{Idle: 15 * time.Minute, Lifetime: 4 * time.Hour, Confirmed: 5 * time.Minute}); c.Enabled || c.Limits() != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
}

func TestSessionsAreChangedWithoutARestart(t *testing.T) {
	from, to, salt := config.Default(), config.Default(), []byte("salt")
	to.Console = config.Console{Enabled: true, Idle: time.Minute, Lifetime: time.Hour, Confirmed: time.Minute}
	differences := load.Diff(load.Snapshot(&from, salt), load.Snapshot(&to, salt))
	if problems := config.NeedRestart(differences); len(differences) != 4 || len(problems) > 0 {
		t.Errorf("got %d differences and %v", len(differences), problems)
	}
}

// The console is served where the management API would be.
func TestTheAddressOfTheConsoleIsOne(t *testing.T) {
	cfg := config.Default()
	cfg.Console.Enabled, cfg.Manage.Address = true, "here"
	if problems := cfg.Validate(); len(problems) != 1 || problems[0].Key != "manage.address" {
		t.Errorf("got %v", problems)
	}
}
