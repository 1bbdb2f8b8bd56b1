package audit

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rekey/core"
)

// Seal is what is kept of a batch for ever.
type Seal struct {
	Seq      int64
	Prev     Digest // of the seal before
	Rows     int64
	First    string // the stamp of the earliest row
	Last     string // and of the latest
	SealedAt string
	Root     Digest
	Digest   Digest // of all above
	MAC      string // of Digest; "" if no key was configured

	// Leaves say which row was tampered with. They are dropped with the rows:
	// Root says the same of all together.
	Leaves []Digest
	// Pruned is the stamp of the time that the rows were pruned before, because all
	// of them were older; "" while they are there.
	Pruned string
}

// Anchor names a seal: what somebody keeps elsewhere, to hold the trail to it.
type Anchor struct {
	Seq    int64
	Digest Digest
}

// Anchor returns the seal's.
func (s Seal) Anchor() Anchor { return Anchor{s.Seq, s.Digest} }

// String returns SEQ:DIGEST.
func (a Anchor) String() string { return fmt.Sprintf("%d:%s", a.Seq, a.Digest) }

// ParseAnchor returns the anchor that [Anchor.String] has written.
func ParseAnchor(text string) (Anchor, error) {
	seq, digits, _ := strings.Cut(strings.TrimSpace(text), ":")
	n, err := strconv.ParseInt(seq, 10, 64)
	digest, ok := ParseDigest(digits)
	if err != nil || n < 1 || !ok {
		return Anchor{}, &core.Error{Code: core.Invalid, Fields: []string{"anchor"}, Err: fmt.Errorf("%q is not SEQ:DIGEST", text)}
	}
	return Anchor{n, digest}, nil
}

// NewSeal seals the rows, of which there is one at least, after the head. sealer
// may be nil. It puts the rows in order.
func NewSeal(head Anchor, rows []Row, now time.Time, sealer core.Sealer) Seal {
	slices.SortFunc(rows, Row.Compare)
	s := Seal{
		Seq: head.Seq + 1, Prev: head.Digest, Rows: int64(len(rows)), First: rows[0].At, Last: rows[0].At,
		SealedAt: Stamp(now.Truncate(time.Microsecond)),
	}
	for _, r := range rows {
		s.Leaves = append(s.Leaves, r.Leaf())
		s.First, s.Last = min(s.First, r.At), max(s.Last, r.At)
	}
	s.Root = rootOf(s.Leaves)
	s.Digest = s.digest()
	if sealer != nil {
		s.MAC = sealer.Digest(s.Digest.String(), macContext)
	}
	return s
}

// macContext keeps a seal's MAC apart from whatever else a key digests.
const macContext = "audit"

func (s Seal) digest() Digest {
	return digestOf("rekey-seal-v1", strconv.FormatInt(s.Seq, 10), s.Prev.String(), strconv.FormatInt(s.Rows, 10),
		s.First, s.Last, s.SealedAt, s.Root.String())
}

func rootOf(leaves []Digest) Digest {
	h := sha256.New()
	netstring(h, "rekey-batch-v1")
	for _, leaf := range leaves {
		netstring(h, leaf.String())
	}
	return Digest(h.Sum(nil))
}
