package audit

// name says which rows are odd, and where one is missing. Rows are in order, so one
// that was altered stands where its leaf does.
func (c *Check) name(leaves []Digest, rows []Row, odd []int, unmatched map[Digest]int, say saying) {
	for _, i := range odd {
		if len(rows) == len(leaves) && unmatched[leaves[i]] > 0 {
			unmatched[leaves[i]]--
			say(&rows[i], "was altered")
			continue
		}
		say(&rows[i], "was altered, or added")
	}
	for i, leaf := range leaves {
		if unmatched[leaf] == 0 {
			continue
		}
		unmatched[leaf]--
		if c.Partial {
			c.Omitted++
			continue
		}
		say(nil, "row %d of %d is missing, or was altered: %s; its leaf is %s", i+1, len(leaves), between(rows, leaves, i), leaf)
	}
}

// between says which rows stand on both sides of the i-th leaf.
func between(rows []Row, leaves []Digest, i int) string {
	at := map[Digest]string{}
	for _, r := range rows {
		at[r.Leaf()] = r.ID
	}
	before, after := "it was the first", "the last"
	if i > 0 {
		before = "it stood after " + named(at[leaves[i-1]])
	}
	if i+1 < len(leaves) {
		after = "before " + named(at[leaves[i+1]])
	}
	return before + " and " + after
}

func named(id string) string {
	if id == "" {
		return "another"
	}
	return "event " + id
}

func leavesOf(rows []Row) (leaves []Digest) {
	for _, r := range rows {
		leaves = append(leaves, r.Leaf())
	}
	return leaves
}
