//go:build !linux

package arena

// newRegion returns a region of the collector's heap.
func newRegion(blocks int) (r region, unmap func()) { return make(region, blocks), func() {} }
