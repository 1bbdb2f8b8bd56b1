package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A proxy may clean, decode or cut a path before it says who may go there. So a
// route is reached by its own spelling only, with one slash at its end or none,
// and by no other of which a proxy would have to know that it is the same.
func TestARouteIsReachedByItsOwnPathOnly(t *testing.T) {
	t.Parallel()
	r := startDev(t)
	for n, d := range dialects() {
		good := r.firstChange(d, n, "A fresh sample staple 1")
		dir, last := d.path[:strings.LastIndex(d.path, "/")], d.path[strings.LastIndex(d.path, "/")+1:]
		for _, path := range []string{
			"/" + d.path, "//" + d.path, dir + "//" + last, d.path + "//", "/." + d.path, dir + "/./" + last, dir + "/../" + d.path[1:],
			dir + "/x/../" + last, d.path + "/.", d.path + "/..;/", dir + "/..;/" + last, d.path + ";a=b", dir + ";a=b/" + last, d.path + "/;",
			dir + "%2f" + last, dir + "%2F" + last, d.path + "%2f", dir + "/%2e/" + last, dir + "/%2e%2e" + d.path, dir + "%5c" + last, dir + `\` + last,
			dir + "/%" + hexOf(last[0]) + last[1:], "/%" + hexOf(d.path[1]) + d.path[2:], dir + "/%25" + hexOf(last[0]) + last[1:],
			dir + "/" + strings.ToUpper(last), strings.ToUpper(dir) + "/" + last, d.path + "%00", d.path + "%20", d.path + "%0d%0a", d.path + "%09", d.path + ".json",
			d.path + "%3f", d.path + "%23", d.path + "%c0%af", dir + "%c0%af" + last, d.path + "%ef%bc%8f", dir + "/\u212a" + last,
			"http:" + d.path, "https:" + d.path, "gopher://x" + d.path, "x:" + d.path, "http:///" + d.path, "*" + d.path, strings.TrimPrefix(d.path, "/"), "http://rekey.example//" + d.path, "//rekey.example" + d.path,
		} {
			for _, a := range r.sendRaw(good, path) {
				if a.status < 400 || a.status >= 500 {
					t.Errorf("%s: %s: got %d %s", d.name, path, a.status, a.body)
				}
				if other, foreign := a.spokenBy(d); foreign {
					t.Errorf("%s: %s: answered by %s: %s", d.name, path, other, a.body)
				}
			}
		}
		for _, path := range []string{d.path + "/?a=/v1/otp", d.path + "/", d.path + "?", "http://elsewhere.example" + d.path} {
			if got := r.sendRaw(good.saying("{}"), path); len(got) != 1 || got[0].status != http.StatusBadRequest {
				t.Errorf("%s: %s: got %v, want its own 400", d.name, path, got)
			}
		}
		r.succeeds(d, r.send(good), "the change, by its own path")
	}
}

// spokenBy returns the dialect that an answer is in, if it is another one's.
func (a answer) spokenBy(d dialect) (string, bool) {
	for _, other := range dialects() {
		if other.name != d.name && !strings.HasPrefix(a.refusalIn(other).code, "not in the dialect") && strings.HasPrefix(a.refusalIn(d).code, "not in the dialect") {
			return other.name, true
		}
	}
	return "", false
}

// sendRaw sends the request with the path as it is, and returns all answers.
func (r *running) sendRaw(q request, path string) []answer {
	w := r.dial()
	q.path = path
	w.write(q.head("Connection: close") + q.body)
	return w.answers()
}

func hexOf(c byte) string { return fmt.Sprintf("%02x", c) }
