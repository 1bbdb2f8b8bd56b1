package arena

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// hugePage is what huge pages are aligned to.
const hugePage = 2 << 20

// Outside returns how many bytes of so many regions lie outside of the collector's
// heap, and so are no part of the limit that it is given.
func Outside(regions, kib int) int64 { return int64(regions) * int64(mappedSize(kib)) }

// mappedSize is the size of a region in bytes, in whole huge pages.
func mappedSize(blocks int) int {
	const blockSize = int(unsafe.Sizeof(block{}))
	return (blocks*blockSize + hugePage - 1) / hugePage * hugePage
}

// newRegion returns a region outside of the collector's heap, in huge pages if the
// system has them: it is read all over, and the processor remembers where few pages
// are but not where thousands are. If the system has no more memory to map, it is
// the heap's.
func newRegion(blocks int) (r region, unmap func()) {
	size := mappedSize(blocks)
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
