package config

import (
	"slices"

	"rekey/config/load"
)

// fixed are the keys that a running server cannot take up: sockets that are bound,
// what net/http reads without a lock, and the database with its connections.
var fixed = []string{
	"server.address", "server.read_timeout", "server.write_timeout", "server.idle_timeout",
	"operations.address", "operations.socket",
	"store.dsn", "store.max_connections",
}

// NeedRestart returns a problem for every difference that a running server cannot
// take up.
func NeedRestart(differences []load.Difference) load.Problems {
	var problems load.Problems
	for _, d := range differences {
		if slices.Contains(fixed, d.Key) || switches(d) {
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
