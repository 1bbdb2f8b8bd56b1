package manage_test

import (
	"context"
	"net/http"

	"rekey/adapters/adaptertest"
	"rekey/adapters/manage"
)

// shown is an installation of two dialects.
type shown struct{}

func (shown) Dialects() []manage.Dialect {
	return []manage.Dialect{
		{Name: "licensespring"},
		{Name: "zap", Enabled: true, Routes: []manage.Route{{Method: http.MethodPost, Path: "/v1/changePassword"}}},
	}
}

func (shown) Settings() []manage.Setting {
	return []manage.Setting{
		{Key: "store.dsn", Value: "'[masked]'", Default: "'[masked]'", Changed: true},
		{Key: "tokens.ttl", Value: "24h", Default: "24h"},
	}
}

func (shown) Findings(context.Context) (manage.Findings, error) {
	return manage.Findings{CheckedAt: adaptertest.Now, Findings: []manage.Finding{
		{Check: "database", State: "ok", Text: "PostgreSQL 15.9 answers and takes writes"},
		{Check: "disk", State: "problem", Text: "88 MiB free where the SQLite file lies", Advice: "make room, or move the file"},
	}}, nil
}
