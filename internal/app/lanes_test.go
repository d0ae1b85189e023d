package app_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestLanesAreApart crowds one lane after the other: those in it are turned away and told when to come back, all others are served as ever.
func TestLanesAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := url.Values{"name": {"A"}}.Encode()
	requests := map[string]*http.Request{}
	for lane, r := range map[string][3]string{
		"readers": {http.MethodGet, "/nowhere/", ""}, "search": {http.MethodGet, "/search?q=a", ""}, "intake": {http.MethodPost, "/comments/mine", form},
		"sign in": {http.MethodGet, "/newsroom/login", ""}, "newsroom": {http.MethodGet, "/newsroom/articles", ""}, "uploads": {http.MethodPost, "/newsroom/media", form},
		"": {http.MethodGet, "/readyz", ""},
	} {
		requests[lane] = request(t, r[0], w.server.URL+r[1], r[2])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for crowded := range requests {
		if crowded == "" {
			continue
		}
		leave := w.app.Crowd(t.Context(), crowded)
		for lane, r := range requests {
			r = r.Clone(t.Context())
			if lane == "readers" {
				r.URL.Path += url.PathEscape(crowded) + "/" // or it would be kept from the time before
			}
			if r.GetBody != nil {
				r.Body, _ = r.GetBody() // of a string
			}
			resp, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			turned := resp.StatusCode == http.StatusServiceUnavailable
			if turned != (lane == crowded) {
				t.Errorf("%s crowded: %s %s = %d", crowded, r.Method, r.URL.Path, resp.StatusCode)
			}
			if turned && !slices.Contains([]string{"1", "2", "3"}, resp.Header.Get("Retry-After")) {
				t.Errorf("%s crowded: Retry-After %q", crowded, resp.Header.Get("Retry-After"))
			}
		}
		leave()
	}
}

func request(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// TestWhatIsKeptIsServedInACrowd has a page in memory while no place is left for pages that have to be made.
func TestWhatIsKeptIsServedInACrowd(t *testing.T) {
	t.Parallel()
	w := newWorldOf(t, only)
	front := func() int {
		t.Helper()
		status, _ := get(t, w.server.URL+"/", "")
		return status
	}
	w.works()
	until(t, "the front is kept", func() bool { return front() == http.StatusOK && w.app.Pages().Hits > 0 })
	defer w.app.Crowd(t.Context(), "readers")()
	if status := front(); status != http.StatusOK {
		t.Errorf("in a crowd the front is %d", status)
	}
	if status, _ := get(t, w.server.URL+"/nowhere/", ""); status != http.StatusServiceUnavailable {
		t.Errorf("in a crowd a page that has to be made is %d", status)
	}
}

// TestSlowSendersHoldNoPlace has more people send a form slowly than intake and sign-in have places: whoever sends quickly is answered.
func TestSlowSendersHoldNoPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	host := strings.TrimPrefix(w.server.URL, "http://")
	const slow = 100
	for i := range slow {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		path := []string{"/comments/mine", "/newsroom/login"}[i%2]
		if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nemail=", path, host); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "all have begun to send", func() bool { return w.app.Busy("arriving") == slow })
	for path, want := range map[string]int{"/comments/mine": http.StatusUnprocessableEntity, "/newsroom/login": http.StatusUnprocessableEntity} {
		resp, err := http.DefaultClient.Do(request(t, http.MethodPost, w.server.URL+path, "email=nobody"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("POST %s while %d send slowly = %d, want %d", path, slow, resp.StatusCode, want)
		}
	}
}

// TestAFormArrivesWhole sends forms as long as they may be and longer, in one piece and of unknown length.
func TestAFormArrivesWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, tt := range map[string]struct {
		length int
		want   int
	}{"short": {10, http.StatusUnprocessableEntity}, "as long as may be": {60 << 10, http.StatusUnprocessableEntity}, "too long": {70 << 10, http.StatusRequestEntityTooLarge},
		"far too long": {400 << 10, http.StatusRequestEntityTooLarge}} {
		for _, chunked := range []bool{false, true} {
			r := request(t, http.MethodPost, w.server.URL+"/comments/mine", "email="+strings.Repeat("x", tt.length))
			if chunked {
				r.ContentLength, r.GetBody = -1, nil
				r.Body = io.NopCloser(io.MultiReader(r.Body)) // of unknown length
			}
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			resp.Body.Close()
			if resp.StatusCode != tt.want {
				t.Errorf("%s, in chunks %v: %d, want %d", name, chunked, resp.StatusCode, tt.want)
			}
		}
	}
}
