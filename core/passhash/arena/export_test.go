package arena

// Usable is asked by tests, for all would be right without it, too.
func Usable() bool { return usable() }

// Dirty reports whether anything is left in memory that nobody derives in, and how
// many regions there are.
func (m *Memory) Dirty() (dirty bool, regions int) {
	for range len(m.free) {
		r := <-m.free
		for _, b := range r {
			dirty = dirty || b != block{}
		}
		if r != nil {
			regions++
		}
		m.free <- r
	}
	return dirty, regions
}
