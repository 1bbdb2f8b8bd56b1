package browser

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// inbox is a receiver of webhooks that wants none, but for accounts that it was
// told to take.
type inbox struct {
	*httptest.Server

	mu    sync.Mutex
	takes map[string]bool // by the account's id
}

func newInbox() *inbox {
	i := &inbox{takes: map[string]bool{}}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !i.wants(string(body)) {
			w.WriteHeader(http.StatusGone) // which is final
		}
	}))
	return i
}

func (i *inbox) wants(body string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for account := range i.takes {
		if strings.Contains(body, account) {
			return true
		}
	}
	return false
}

func (i *inbox) take(account string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.takes[account] = true
}

// redelivered has a dead delivery tried again: first in vain, then taken.
func redelivered(s *scene) {
	p, err := s.site.settle(s.ctx, "", "")
	s.must("add an account", err)
	s.Open(s.site.URL + "/forgot-password")
	s.Type("#email", p.Email)
	s.Submit("#forgot button.main")

	s.enter()
	row := fmt.Sprintf(`tr:has(a[href$="/accounts/%s"])`, p.ID)
	s.deadDelivery(row, true)
	s.shows("410")
	s.Submit(row + ` a[href*="/retry"]`)
	s.shows("Try the delivery again")
	s.confirmWith(s.site.Facts.Manage.Key)
	s.shows("The delivery is tried again now")
	s.deadDelivery(row, true)
	s.site.inbox.take(p.ID)
	s.Submit(row + ` a[href*="/retry"]`)
	s.expect(s.Count("#key") == 0, "the key is asked for twice within its time")
	s.Submit("main form button")
	s.deadDelivery(row, false)
}

// deadDelivery waits until the list of dead deliveries has the row, or has it no
// more.
func (s *scene) deadDelivery(row string, want bool) {
	for range 100 {
		s.Open(s.site.URL + "/console/deliveries?state=dead&endpoint=erp")
		if s.answered(http.StatusOK); s.Err() != nil || len(s.found) > 0 || (s.Count(row) == 1) == want {
			return
		}
		s.pause()
	}
	s.expect(false, "a dead delivery is listed: %v, want %v", !want, want)
}

// allRedelivered has all that is dead tried again.
func allRedelivered(s *scene) {
	s.enter()
	s.Open(s.site.URL + "/console/deliveries")
	s.Submit(`a[href*="/deliveries/retry"]`)
	s.shows("Try all dead deliveries again")
	s.confirmWith(s.site.Facts.Manage.Key)
	s.shows("The dead deliveries are tried again now")
	s.expect(s.path() == "/console/deliveries", "it leads to %s", s.path())
}
