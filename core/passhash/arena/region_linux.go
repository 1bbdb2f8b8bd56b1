package arena

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is what huge pages are aligned to.
const hugePage = 2 << 20

// newRegion returns a region outside of the collector's heap, in huge pages if the
// system has them: it is read all over, and the processor remembers where few pages
// are but not where thousands are. If the system has no more memory to map, it is
// the heap's.
func newRegion(blocks int) (r region, unmap func()) {
	const blockSize = int(unsafe.Sizeof(block{}))
	size := (blocks*blockSize + hugePage - 1) / hugePage * hugePage
	all, err := unix.Mmap(-1, 0, size+hugePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return make(region, blocks), func() {}
	}
	unaligned := int(uintptr(unsafe.Pointer(unsafe.SliceData(all))) % hugePage) //nolint:gosec // an address, to be compared only
	aligned := all[(hugePage-unaligned)%hugePage:][:size]
	_ = unix.Madvise(aligned, unix.MADV_HUGEPAGE)                                 // small pages do as well, only slower
	_ = unix.Madvise(aligned, unix.MADV_DONTDUMP)                                 // what is derived is nobody else's
	r = unsafe.Slice((*block)(unsafe.Pointer(unsafe.SliceData(aligned))), blocks) //nolint:gosec // aligned, and long enough
	return r, func() { _ = unix.Munmap(all) }
}
