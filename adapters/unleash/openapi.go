package unleash

import _ "embed"

//go:embed openapi.yaml
var contract []byte

// OpenAPI implements rekey/adapters.Documented.
func (*Adapter) OpenAPI() []byte { return contract }
