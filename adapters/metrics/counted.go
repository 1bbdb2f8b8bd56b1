package metrics

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// HashCount says how many accounts have a hash of one kind.
type HashCount struct {
	Scheme, Cost string
	Age          string // in what it differs from new hashes; "" if in nothing
	Accounts     int
}

// hashes tells of the latest count of hashes.
type hashes struct {
	mu    sync.Mutex
	ages  []string
	kinds []HashCount
	at    time.Time
}

var (
	hashesDesc  = description("account_hashes", "Accounts by the scheme and cost of their hash, as they were counted last.", "scheme", "cost")
	oldDesc     = description("account_hashes_old", "Accounts whose hash is not as new ones are, by what it differs in.", "differs_in")
	countedDesc = description("account_hashes_counted_timestamp_seconds", "When hashes were counted last; 0 before the first time.")
)

func newHashes() *hashes { return &hashes{} }

// maxKinds bounds the kinds that are told one by one: rows are input.
const maxKinds = 20

// Hashes replaces the count of hashes. ages are all that a hash may have.
func (m *Metrics) Hashes(counts []HashCount, ages []string) {
	counts = slices.Clone(counts)
	slices.SortFunc(counts, func(a, b HashCount) int {
		return cmp.Or(cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(a.Scheme, b.Scheme), cmp.Compare(a.Cost, b.Cost))
	})
	m.hashes.mu.Lock()
	defer m.hashes.mu.Unlock()
	m.hashes.kinds, m.hashes.ages, m.hashes.at = counts, ages, m.now()
}

// Describe implements [prometheus.Collector].
func (h *hashes) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{hashesDesc, oldDesc, countedDesc} {
		to <- d
	}
}

// Collect implements [prometheus.Collector].
func (h *hashes) Collect(to chan<- prometheus.Metric) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at.IsZero() {
		to <- gauge(countedDesc, 0)
		return
	}
	to <- gauge(countedDesc, float64(h.at.UnixMilli())/1000)
	type kind struct{ scheme, cost string }
	kinds, old := map[kind]int{}, map[string]int{}
	for _, age := range h.ages {
		old[age] = 0
	}
	for _, k := range h.kinds {
		as := kind{k.Scheme, k.Cost}
		if _, told := kinds[as]; !told && len(kinds) >= maxKinds {
			as = kind{"other", "other"}
		}
		kinds[as] += k.Accounts
		if k.Age != "" {
			old[k.Age] += k.Accounts
		}
	}
	for k, n := range kinds {
		to <- gauge(hashesDesc, float64(n), k.scheme, named(k.cost))
	}
	for age, n := range old {
		to <- gauge(oldDesc, float64(n), age)
	}
}

// backlog tells of the outbox as it was looked at last.
type backlog struct {
	now func() time.Time

	mu            sync.Mutex
	waiting, dead int
	oldest        time.Time
	seen          time.Time
}

var (
	outboxDesc = description("outbox_messages", "Messages of the outbox that are not done.")
	deadDesc   = description("outbox_dead_messages", "Messages of the outbox that were set aside for good.")
	lagDesc    = description("outbox_lag_seconds", "For how long the oldest message that is due has been due.")
	seenDesc   = description("outbox_seen_timestamp_seconds", "When the outbox was looked at last; 0 before the first time.")
)

func newBacklog(now func() time.Time) *backlog { return &backlog{now: now} }

// Backlog replaces what is known of the outbox: how many messages wait and are
// dead, and since when the oldest that is due is so; zero if none is.
func (m *Metrics) Backlog(waiting, dead int, oldest time.Time) {
	m.backlog.mu.Lock()
	defer m.backlog.mu.Unlock()
	m.backlog.waiting, m.backlog.dead, m.backlog.oldest, m.backlog.seen = waiting, dead, oldest, m.now()
}

// Describe implements [prometheus.Collector].
func (b *backlog) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{outboxDesc, deadDesc, lagDesc, seenDesc} {
		to <- d
	}
}

// Collect implements [prometheus.Collector]. The lag grows between two looks,
// and so while the database is away.
func (b *backlog) Collect(to chan<- prometheus.Metric) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen.IsZero() {
		to <- gauge(seenDesc, 0)
		return
	}
	lag := 0.0
	if !b.oldest.IsZero() {
		lag = max(0, b.now().Sub(b.oldest).Seconds())
	}
	to <- gauge(outboxDesc, float64(b.waiting))
	to <- gauge(deadDesc, float64(b.dead))
	to <- gauge(lagDesc, lag)
	to <- gauge(seenDesc, float64(b.seen.UnixMilli())/1000)
}
