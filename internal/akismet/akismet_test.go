package akismet_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"stet/internal/akismet"
	"stet/internal/outbound"
)

// TestSpam asks a service of our own, which knows one word and one key.
func TestSpam(t *testing.T) {
	var asked url.Values
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		asked = r.PostForm
		if r.PostForm.Get("api_key") != "key" {
			fmt.Fprint(w, "invalid")
			return
		}
		fmt.Fprint(w, strings.Contains(r.PostForm.Get("comment_content"), "casino"))
	}))
	defer service.Close()
	out := outbound.New(outbound.Options{Site: "https://news.example", Also: []netip.AddrPort{netip.MustParseAddrPort(service.Listener.Addr().String())}})
	from := netip.MustParseAddr("192.0.2.1")
	c := akismet.New(out, "key", "https://news.example", service.URL)
	for body, want := range map[string]bool{"The lamp is lit.": false, "The best casino": true} {
		if spam, err := c.Spam(t.Context(), "A reader", body, from); spam != want || err != nil {
			t.Errorf("Spam(%q) = %v, %v, want %v", body, spam, err, want)
		}
	}
	for name := range asked {
		if strings.Contains(name, "email") {
			t.Errorf("%s was sent", name)
		}
	}
	if asked.Get("blog") != "https://news.example" || asked.Get("user_ip") != "192.0.2.1" || asked.Get("comment_author") != "A reader" {
		t.Errorf("asked %v", asked)
	}
	if _, err := akismet.New(out, "wrong", "https://news.example", service.URL).Spam(t.Context(), "A reader", "casino", from); err == nil {
		t.Error("a wrong key has a verdict")
	}
	service.Close()
	if _, err := c.Spam(t.Context(), "A reader", "casino", from); err == nil {
		t.Error("a service that is away has a verdict")
	}
}
