package comment_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"stet/internal/comment"
)

// TestForeign asks about what waits: each text once, without its e-mail, again after a fault; a verdict decides nothing.
func TestForeign(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	good, bad, gone := d.guest(article), d.guest(article), d.guest(article)
	bad.Body = "The best casino in town"
	_, kept := d.post(good)
	_, caught := d.post(bad)
	token, _ := d.post(gone)
	if err := d.Delete(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	var asked []string
	away := errors.New("away")
	ask := func(_ context.Context, name, body string, from netip.Addr) (bool, error) {
		asked = append(asked, body)
		if strings.Contains(name+body, "@") || !from.IsValid() {
			t.Errorf("told %q, %q from %v", name, body, from)
		}
		return strings.Contains(body, "casino"), away
	}
	if err := d.AskForeign(t.Context(), ask); !errors.Is(err, away) || len(asked) != 2 {
		t.Fatalf("AskForeign of a service that is away = %v, asked %q", err, asked)
	}
	asked, away = nil, nil
	for range 2 {
		if err := d.AskForeign(t.Context(), ask); err != nil {
			t.Error(err)
		}
	}
	if len(asked) != 2 {
		t.Errorf("asked %q", asked)
	}
	if d.status(caught) != comment.Pending || !strings.HasSuffix(d.rules(caught), "foreign") || strings.Contains(d.rules(kept), "foreign") {
		t.Errorf("%s, held for %q and %q", d.status(caught), d.rules(caught), d.rules(kept))
	}
}
