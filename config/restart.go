package config

import (
	"slices"
	"strings"

	"rekey/config/load"
)

// fixed are the keys that a running server cannot take up, and those above what it
// cannot: sockets that are bound, what net/http reads without a lock, the database with
// its connections, and who is told of them.
var fixed = []string{
	"server.address", "server.read_timeout", "server.write_timeout", "server.idle_timeout",
	"operations.address", "operations.socket", "manage.address",
	"store.dsn", "store.max_connections", "telemetry.traces",
}

// NeedRestart returns a problem for every difference that a running server cannot
// take up.
func NeedRestart(differences []load.Difference) load.Problems {
	var problems load.Problems
	for _, d := range differences {
		within := func(key string) bool { return d.Key == key || strings.HasPrefix(d.Key, key+".") }
		if slices.ContainsFunc(fixed, within) || switches(d) {
			problems = append(problems, load.Problem{Key: d.Key, Text: "restart the server to change it"})
		}
	}
	return problems
}

// switches reports whether the difference turns TLS on or off; another certificate
// is taken up.
func switches(d load.Difference) bool {
	const none = `""` // as it is shown
	return d.Key == "server.tls.certificate" && (d.From == none || d.To == none)
}
