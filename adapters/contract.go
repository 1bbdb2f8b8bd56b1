package adapters

import (
	"encoding/json"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// Documented is an adapter that describes itself.
type Documented interface {
	Adapter
	// OpenAPI returns a document of OpenAPI 3.1 in YAML that has the
	// adapter's paths and components. Names of components begin with the
	// adapter's own, so that no two adapters share one.
	OpenAPI() []byte
}

// Describe returns one document of OpenAPI 3.1, in JSON, of all the adapters
// that describe themselves. It fails if two of them describe one path or name
// one component.
func Describe(all ...Adapter) ([]byte, error) {
	paths, components := map[string]any{}, map[string]map[string]any{}
	for _, a := range all {
		documented, ok := a.(Documented)
		if !ok {
			continue
		}
		var document struct {
			Paths      map[string]any            `yaml:"paths"`
			Components map[string]map[string]any `yaml:"components"`
		}
		if err := yaml.Unmarshal(documented.OpenAPI(), &document); err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name(), err)
		}
		if err := merge(paths, document.Paths); err != nil {
			return nil, fmt.Errorf("%s: paths: %w", a.Name(), err)
		}
		for kind, named := range document.Components {
			if components[kind] == nil {
				components[kind] = map[string]any{}
			}
			if err := merge(components[kind], named); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", a.Name(), kind, err)
			}
		}
	}
	return json.Marshal(map[string]any{
		"openapi":    "3.1.0",
		"info":       map[string]string{"title": "rekey", "version": "1", "description": "Password changes in the dialects that are enabled here."},
		"paths":      paths,
		"components": components,
	})
}

func merge(into, from map[string]any) error {
	for name, value := range from {
		if _, taken := into[name]; taken {
			return fmt.Errorf("%s is described twice", name)
		}
		into[name] = value
	}
	return nil
}
