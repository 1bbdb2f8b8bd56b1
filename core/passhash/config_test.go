package passhash_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"rekey/core/passhash"
)

// problems returns what is reported, by key.
func problems(c passhash.Config) map[string]string {
	found := map[string]string{}
	c.Validate(func(key, problem string) { found[key] = problem })
	return found
}

func argon2id(memory, iterations, parallelism int) func(*passhash.Config) {
	return func(c *passhash.Config) {
		c.Argon2id = passhash.Argon2Cost{Memory: memory, Iterations: iterations, Parallelism: parallelism}
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*passhash.Config)
		want string // keys, in order
	}{
		{"the default", func(*passhash.Config) {}, ""},
		{"bcrypt", func(c *passhash.Config) { c.Scheme = passhash.Bcrypt }, ""},
		{"no scheme", func(c *passhash.Config) { c.Scheme = "" }, "scheme"},
		{"unknown scheme", func(c *passhash.Config) { c.Scheme = "scrypt" }, "scheme"},
		{"OWASP's pair for 1 iteration", argon2id(47104, 1, 1), ""},
		{"less than OWASP's pair for 1", argon2id(47103, 1, 1), "argon2id.memory"},
		{"less than OWASP's pair for 2", argon2id(19455, 2, 1), "argon2id.memory"},
		{"OWASP's pair for 3", argon2id(12288, 3, 1), ""},
		{"less than OWASP's pair for 3", argon2id(12287, 3, 1), "argon2id.memory"},
		{"OWASP's pair for 4", argon2id(9216, 4, 1), ""},
		{"less than OWASP's pair for 4", argon2id(9215, 4, 1), "argon2id.memory"},
		{"OWASP's pair for 5", argon2id(7168, 5, 1), ""},
		{"less than OWASP's pair for 5", argon2id(7167, 5, 1), "argon2id.memory"},
		{"less than OWASP's least memory", argon2id(7167, 64, 1), "argon2id.memory"},
		{"no iteration", argon2id(47104, 0, 1), "argon2id.iterations"},
		{"negative memory and iterations", argon2id(-1<<20, -2, 1), "argon2id.iterations argon2id.memory"},
		{"no thread", argon2id(19456, 2, 0), "argon2id.parallelism"},
		{"too many threads", argon2id(19456, 2, 17), "argon2id.parallelism"},
		{"most memory", argon2id(262144, 4, 16), ""},
		{"too much memory", argon2id(262145, 1, 1), "argon2id.memory"},
		{"too many iterations", argon2id(7168, 65, 1), "argon2id.iterations"},
		{"too much work", argon2id(262144, 5, 1), "argon2id.iterations"},
		{"least bcrypt", func(c *passhash.Config) { c.Bcrypt.Cost = 10 }, ""},
		{"weak bcrypt", func(c *passhash.Config) { c.Bcrypt.Cost = 9 }, "bcrypt.cost"},
		{"most bcrypt", func(c *passhash.Config) { c.Bcrypt.Cost = 15 }, ""},
		{"slow bcrypt", func(c *passhash.Config) { c.Bcrypt.Cost = 16 }, "bcrypt.cost"},
		{"negative workers", func(c *passhash.Config) { c.Workers = -1 }, "workers"},
		{"too many workers", func(c *passhash.Config) { c.Workers = 1025 }, "workers"},
		{"no queue", func(c *passhash.Config) { c.Queue = 0 }, ""},
		{"negative queue", func(c *passhash.Config) { c.Queue = -1 }, "queue"},
		{"endless queue", func(c *passhash.Config) { c.Queue = 65537 }, "queue"},
		{"everything at once", func(c *passhash.Config) { *c = passhash.Config{Workers: -1, Queue: -1} },
			"argon2id.iterations argon2id.memory argon2id.parallelism bcrypt.cost queue scheme workers"},
		{"the tests' costs", func(c *passhash.Config) { *c = passhash.ForTests() }, "argon2id.memory bcrypt.cost"},
	} {
		config := passhash.Default()
		c.set(&config)
		if got := strings.Join(slices.Sorted(maps.Keys(problems(config))), " "); got != c.want {
			t.Errorf("%s: reported %q, want %q", c.name, got, c.want)
		}
	}
}

func TestProblemsSayWhatToDo(t *testing.T) {
	for key, problem := range problems(passhash.Config{Workers: -1, Queue: -1}) {
		if !strings.HasPrefix(problem, "choose ") {
			t.Errorf("%s: %q does not say what to choose", key, problem)
		}
	}
}

func TestEveryValidConfigurationWorks(t *testing.T) {
	config := passhash.Default()
	argon2id(262144, 4, 16)(&config)
	config.Bcrypt.Cost, config.Workers, config.Queue = 15, 1024, 65536
	if found := problems(config); len(found) > 0 {
		t.Fatalf("reported %v", found)
	}
	newPool(t, config)
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	for name, set := range map[string]func(*passhash.Config){
		"no scheme":             func(c *passhash.Config) { c.Scheme = "" },
		"memory under 8 KiB":    argon2id(7, 1, 1),
		"memory for 2 threads":  argon2id(15, 1, 2),
		"no iteration":          argon2id(64, 0, 1),
		"no thread":             argon2id(64, 1, 0),
		"too much work":         argon2id(262144, 5, 1),
		"bcrypt cost 3":         func(c *passhash.Config) { c.Bcrypt.Cost = 3 },
		"bcrypt cost 31":        func(c *passhash.Config) { c.Bcrypt.Cost = 31 },
		"negative workers":      func(c *passhash.Config) { c.Workers = -1 },
		"negative queue":        func(c *passhash.Config) { c.Queue = -1 },
		"absurdly many workers": func(c *passhash.Config) { c.Workers = 1 << 30 },
	} {
		config := passhash.ForTests()
		set(&config)
		if _, err := passhash.New(config, zeros{}); err == nil {
			t.Errorf("New accepts %s", name)
		}
	}
}

func TestTellsThePolicyItsLimits(t *testing.T) {
	for scheme, want := range map[passhash.Scheme]struct {
		bytes int
		noNUL bool
	}{passhash.Argon2id: {0, false}, passhash.Bcrypt: {72, true}, "unknown": {0, false}} {
		c := passhash.Config{Scheme: scheme}
		if c.MaxBytes() != want.bytes || c.NoNUL() != want.noNUL {
			t.Errorf("%s: got %d, %v; want %d, %v", scheme, c.MaxBytes(), c.NoNUL(), want.bytes, want.noNUL)
		}
	}
}
