package manage

import (
	_ "embed"

	"rekey/adapters"
)

//go:embed openapi.yaml
var contract []byte

var _ adapters.Documented = (*Adapter)(nil)

// OpenAPI implements [adapters.Documented].
func (*Adapter) OpenAPI() []byte { return contract }
