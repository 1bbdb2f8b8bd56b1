package manage_test

import (
	"net/http"

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
