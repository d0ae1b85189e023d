package app_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// onTheWire sends a request over a connection of its own, to a server that may be another than w's, and gives the answer with its body as it came.
func (w *world) onTheWire(at, head string) (*http.Response, []byte) {
	w.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(at, "http://")) //nolint:noctx // it ends with the test
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // it was only read
	if _, err := io.WriteString(c, head); err != nil {
		w.Fatal(err)
	}
	method, _, _ := strings.Cut(head, " ")
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // as above
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	return resp, b
}

// TestWhatIsKeptIsAnsweredAsTheServerAnswers asks for pages on connections with and without the shortcut.
func TestWhatIsKeptIsAnsweredAsTheServerAnswers(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, only)
	w.works()
	_, path := w.published("A crossing", "<p>Nobody fell in.</p>")
	plain := httptest.NewServer(w.app.Handler())
	defer plain.Close()
	host := strings.TrimPrefix(w.server.URL, "http://")
	own := []string{"Date", "X-Request-Id"}
	for _, at := range []string{path, "/", path + "feed/", "/sitemap.xml", "/nothing/", path + "?comments=newest", path + "?unheard=of", "/search?q=crossing", "/newsroom/login", "/healthz", "/static/site.css", strings.TrimSuffix(path, "/")} {
		tag := w.ask(http.MethodGet, at, "Accept-Encoding", "gzip").Header().Get("Etag")
		for _, lines := range []string{"", "Accept-Encoding: gzip\r\n", "Accept-Encoding: gzip\r\nIf-None-Match: " + tag + "\r\n", "Range: bytes=0-9\r\n", "Cookie: a=b\r\nAuthorization: Basic YTpi\r\n",
			"Host: elsewhere.example\r\n", "Content-Length: 0\r\n", "X-Forwarded-Host: elsewhere.example\r\n"} {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
				head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", method, at, host, lines)
				want, wantBody := w.onTheWire(plain.URL, head)
				got, gotBody := w.onTheWire(w.server.URL, head)
				for _, name := range own {
					if (got.Header.Get(name) == "") != (want.Header.Get(name) == "") {
						t.Errorf("%q: %s %q, want as %q", head, name, got.Header.Get(name), want.Header.Get(name))
					}
					got.Header.Del(name)
					want.Header.Del(name)
				}
				if at == "/newsroom/login" { // its form has a token of its own
					gotBody, wantBody = nil, nil
				}
				if got.StatusCode != want.StatusCode || !maps.EqualFunc(got.Header, want.Header, slices.Equal) || !bytes.Equal(gotBody, wantBody) {
					t.Errorf("%q:\n%s %v\n%d bytes, without the shortcut\n%s %v\n%d bytes", head, got.Status, got.Header, len(gotBody), want.Status, want.Header, len(wantBody))
				}
			}
		}
	}
	for _, at := range []string{path, "/", path + "feed/", "/nothing/"} {
		for n, wants := range []bool{false, true} { // the first may have to be made
			before := w.app.Pages().Hits
			w.onTheWire(w.server.URL, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", at, host))
			if hits := w.app.Pages().Hits - before; wants && hits != 1 {
				t.Errorf("%s, asked for the %dth time: %d hits", at, n+1, hits)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, at, nil)
			r.Host = host
			if wants && !w.app.AtHand(r) {
				t.Errorf("%s isn't at hand", at)
			}
		}
	}
}

// TestWhoIsTurnedAwayIsToldTheSame: where a lane and its line are full the answer comes before the server sees the request, and is the lane's.
func TestWhoIsTurnedAwayIsToldTheSame(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, only)
	w.works()
	_, kept := w.published("A crossing", "<p>Nobody fell in.</p>")
	until(w, "it is kept", func() bool { w.ask(http.MethodGet, kept); return w.app.Pages().Entries > 0 })
	plain := httptest.NewServer(w.app.Handler())
	defer plain.Close()
	host := strings.TrimPrefix(w.server.URL, "http://")
	refused := func(path, host string) bool {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Host = host
		return w.app.Refuses(r)
	}
	for lane, path := range map[string]string{"readers": "/nowhere/", "search": "/search?q=a"} {
		if refused(path, host) {
			t.Errorf("%s is refused while there is place", path)
		}
		leave := w.app.Pack(t.Context(), lane)
		until(w, path+" is refused", func() bool { return refused(path, host) })
		for _, not := range []string{kept, "/newsroom/login", "/static/site.css", "/healthz", "/readyz", "/nowhere/../", "//nowhere/"} {
			if refused(not, host) {
				t.Errorf("with %s crowded %s is refused", lane, not)
			}
		}
		if refused(path, "elsewhere.example") {
			t.Error("another host's page is refused, where it has none")
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n\r\n", method, path, host)
			want, wantBody := w.onTheWire(plain.URL, head)
			got, gotBody := w.onTheWire(w.server.URL, head)
			for _, r := range []*http.Response{want, got} {
				if again := r.Header.Get("Retry-After"); !slices.Contains([]string{"1", "2", "3"}, again) || r.Header.Get("Date") == "" || len(r.Header.Get("X-Request-Id")) < 12 {
					t.Errorf("%q: %v", head, r.Header)
				}
				for _, own := range []string{"Date", "X-Request-Id", "Retry-After"} {
					r.Header.Del(own)
				}
			}
			if got.StatusCode != http.StatusServiceUnavailable || want.StatusCode != got.StatusCode || !maps.EqualFunc(got.Header, want.Header, slices.Equal) || !bytes.Equal(gotBody, wantBody) {
				t.Errorf("%q:\n%s %v %q\nand by the lane\n%s %v %q", head, got.Status, got.Header, gotBody, want.Status, want.Header, wantBody)
			}
		}
		leave()
	}
}
