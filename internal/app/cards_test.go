package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"stet/internal/app"
	"stet/internal/article"
	"stet/internal/staff"
)

// outside is a server that stands for another site.
func outside(t testing.TB) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, `<meta property="og:title" content="The lamp &lt;script&gt;"><meta property="og:description" content="It came on."><meta property="og:image" content="/lamp.png">`)
		case "/lamp.png":
			_, _ = w.Write(greyPNG(t))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// TestCards makes cards as the editor does, and shows one to readers.
func TestCards(t *testing.T) {
	t.Parallel()
	other := outside(t)
	w := newWorld(t, func(o *app.Options) {
		o.Inside = []netip.AddrPort{netip.MustParseAddrPort(other.Listener.Addr().String())}
	})
	v := w.signedIn(staff.Contributor)
	ask := func(at string) answer {
		return v.script(http.MethodPost, "/newsroom/cards", "application/x-www-form-urlencoded", []byte(url.Values{"url": {at}}.Encode()))
	}
	full := told[map[string]string](v, ask(other.URL+"/page"), http.StatusOK)
	if full["card"] != "full" || !strings.HasPrefix(full["html"], `<figure class="embed"`) || !strings.Contains(full["html"], "<strong>The lamp &lt;script&gt;</strong>") || !strings.Contains(full["html"], "data-media") {
		t.Errorf("the card of a page: %v", full)
	}
	for _, at := range []string{other.URL + "/gone", "http://127.0.0.1:1/", "http://169.254.169.254/latest/", w.server.URL + "/"} {
		if got := told[map[string]string](v, ask(at), http.StatusOK); got["card"] != "plain" || !strings.HasPrefix(got["html"], `<p class="embed"><a href="`+at) {
			t.Errorf("the card of %s: %v", at, got)
		}
	}
	if got := told[struct{ Faults map[string]string }](v, ask("lamp"), http.StatusUnprocessableEntity); !strings.Contains(got.Faults["url"], "https://") {
		t.Errorf("no address at all: %+v", got)
	}
	if got := v.post("/newsroom/cards", http.StatusOK, "url", other.URL+"/page"); got.Header.Get("Content-Type") != "text/plain; charset=utf-8" || strings.TrimSpace(got.body) != full["html"] {
		t.Errorf("a form gets %s:\n%s", got.Header.Get("Content-Type"), got.body)
	}
	v.post("/newsroom/cards", http.StatusUnprocessableEntity, "url", "lamp")
	id, revision := w.draft("With a card", full["html"])
	p, err := w.app.Articles.Publish(t.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: revision})
	if err != nil {
		t.Fatal(err)
	}
	shown := w.visitor().get(p.Path).body
	if !strings.Contains(shown, `<figure class="embed"`) || !strings.Contains(shown, `src="/media/`) || strings.Contains(shown, `src="`+other.URL) {
		t.Errorf("readers get:\n%s", shown)
	}
	if n := strings.Count(shown, fmt.Sprintf(`href="%s/page"`, other.URL)); n != 1 {
		t.Errorf("the card links %d times, want once", n)
	}
}
