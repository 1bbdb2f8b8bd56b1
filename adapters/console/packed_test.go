package console_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAssetsArePackedForWhoTakesGzip(t *testing.T) {
	w := newWorld(t)
	b := w.signedIn()
	for _, file := range loaded.FindAllStringSubmatch(b.holds("/console"), -1) {
		plain := w.accepting(file[1], "")
		for accepted, packed := range map[string]bool{
			"gzip": true, "deflate, gzip;q=0.5, br": true, "GZIP": true,
			"br": false, "gzip;q=0": false, "xgzip": false, "gzip;q=none": false, "identity": false,
		} {
			got := w.accepting(file[1], accepted)
			if is := got.Header().Get("Content-Encoding") == "gzip"; is != packed || got.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s for %q: packed %v, want %v; Vary %q", file[1], accepted, is, packed, got.Header().Get("Vary"))
			}
			if body := unpacked(t, got); body != plain.Body.String() {
				t.Errorf("%s for %q: another content, of %d bytes", file[1], accepted, len(body))
			}
		}
	}
}

func (w *world) accepting(path, accepted string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	if accepted != "" {
		request.Header.Set("Accept-Encoding", accepted)
	}
	got := httptest.NewRecorder()
	w.server.ServeHTTP(got, request)
	return got
}

func unpacked(t *testing.T, got *httptest.ResponseRecorder) string {
	t.Helper()
	if got.Header().Get("Content-Encoding") != "gzip" {
		return got.Body.String()
	}
	r, err := gzip.NewReader(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
