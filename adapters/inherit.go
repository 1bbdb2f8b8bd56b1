package adapters

// heir is an adapter that takes over what its predecessor, an adapter of the same
// name built from an older configuration, has learned from others, as far as it
// still holds: the keys of an issuer that cannot be reached now, for one.
type heir interface {
	Inherit(before Adapter)
}

// Inherit lets adapters take over what those before them have learned. Both are in
// use meanwhile.
func Inherit(fresh, before []Adapter) {
	for _, f := range fresh {
		for _, b := range before {
			if h, ok := f.(heir); ok && f.Name() == b.Name() {
				h.Inherit(b)
			}
		}
	}
}
