package site

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/front"
)

// place puts an article in a place of a front.
func (h *house) place(in front.PutIn) {
	h.Helper()
	b, err := h.fronts.Board(h.ctx, h.editor, in.Category, time.Time{})
	h.must(err)
	in.Seen = b.Seen
	_, err = h.fronts.Put(h.ctx, h.editor, in)
	h.must(err)
}

// TestFrontByHand shows the front page as an editor arranged it: each article once, and no longer kept than until it changes by itself.
func TestFrontByHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sea := h.category(0, "Sea")
	picture := h.picture("A lamp")
	var ids []int64
	for i := range 9 {
		d := article.Draft{Headline: fmt.Sprint("S", i+1), Category: sea.Slug}
		if i == 3 {
			d.Image = picture
		}
		id, _ := h.publish(d)
		ids = append(ids, id)
		h.now = h.now.Add(time.Minute)
	}
	h.get("/").shows(".opening h2, .opening h3", "S9 | S8 | S7 | S6 | Latest").shows(".band h3", "S4 | S5 | S3 | S2")
	placed := h.now
	h.place(front.PutIn{To: front.Slot{Place: 1}, Article: ids[0], Until: placed.Add(90 * time.Second)})
	h.place(front.PutIn{To: front.Slot{Zone: sea.ID, Place: 1}, Article: ids[8]})
	h.now = placed.Add(45 * time.Second) // or the numbers of comments would decide how long the page is good
	a := h.get("/").within(6).shows(".package .first h2", "S1").shows(".package h3", "S8 | S7 | S6").shows(".band h3", "S9 | S5 | S4 | S3").
		header("Stet-Fresh-Until", placed.Add(90*time.Second).UTC().Format(time.RFC3339))
	h.now = placed
	for i := range 9 {
		name := fmt.Sprint("S", i+1)
		if n := strings.Count(a.text(".package h2, .package h3, .band h3")+" ", name+" "); n > 1 {
			t.Errorf("%s stands %d times on the page", name, n)
		}
	}
	a.shows(".latest li a", "S9 | S8 | S7 | S6 | S5 | S4 | S3 | S2")
	h.now = h.now.Add(2 * time.Minute)
	h.get("/").shows(".package .first h2", "S8").shows(".package h3", "S7 | S6 | S5")
}

// TestCategoryByHand shows a category's lead package above its list, from which nothing is lost by it.
func TestCategoryByHand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sea := h.category(0, "Sea")
	var ids []int64
	for i := range 45 {
		id, _ := h.publish(article.Draft{Headline: fmt.Sprint("S", i+1), Category: sea.Slug})
		ids = append(ids, id)
		h.now = h.now.Add(time.Minute)
	}
	elsewhere, _ := h.publish(article.Draft{Headline: "E"})
	if n := len(h.get(sea.Path).within(4).all(".row")); n != perPage {
		t.Errorf("a category that nobody arranged has %d rows", n)
	}
	if n := len(h.get(sea.Path).all(".package")); n != 0 {
		t.Error("a category that nobody arranged has a lead package")
	}
	h.place(front.PutIn{Category: sea.ID, To: front.Slot{Place: 1}, Article: elsewhere})
	h.place(front.PutIn{Category: sea.ID, To: front.Slot{Place: 3}, Article: ids[0]})
	a := h.get(sea.Path).within(4).shows(".package .first h2", "E").shows(".package h3", "S45 | S1 | S44").shows(".package .kicker", "")
	if n := len(a.all(".row")); n != perPage-2 || !strings.HasPrefix(a.text(".row h2"), "S43 | S42 | ") {
		t.Errorf("the list below has %d rows: %s", n, a.text(".row h2"))
	}
	got := a.text(".row h2") + " | " + h.get(sea.Path+"page/2").text(".row h2") + " | " + h.get(sea.Path+"page/3").text(".row h2")
	var want []string
	for i := 43; i >= 1; i-- {
		want = append(want, fmt.Sprint("S", i))
	}
	if got != strings.Join(want, " | ") {
		t.Errorf("the pages of the list hold %s", got)
	}
	h.get(sea.Path+"page/2").shows(".package h2", "")
	h.get(sea.Path+"feed/").holds("S45", "!>E<")
}

// TestPreviewFront shows a front as it will be, to the newsroom alone.
func TestPreviewFront(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sea := h.category(0, "Sea")
	first, _ := h.publish(article.Draft{Headline: "Now", Category: sea.Slug})
	at := h.now.Add(time.Hour)
	later, revision := h.draft(article.KindArticle, article.Draft{Headline: "Later", Category: sea.Slug})
	_, err := h.articles.Publish(h.ctx, h.editor, later, article.PublishIn{Revision: revision, At: &at})
	h.must(err)
	h.place(front.PutIn{To: front.Slot{Place: 2}, Article: later})
	h.place(front.PutIn{Category: sea.ID, To: front.Slot{Place: 1}, Article: first})
	for _, c := range []struct {
		category int64
		at       time.Time
		want     string
	}{{0, h.now, "Now"}, {0, at, "Now | Later"}, {sea.ID, h.now, "Now"}, {sea.ID, at, "Now | Later"}} {
		o, err := h.fronts.Ahead(h.ctx, h.editor, c.category, c.at)
		h.must(err)
		w := httptest.NewRecorder()
		h.must(h.site.PreviewFront(w, httptest.NewRequest(http.MethodGet, "/newsroom/front/preview", nil), &o))
		a := &answer{ResponseRecorder: w, t: t, what: fmt.Sprintf("the preview of %d at %s", c.category, c.at.Format("15:04"))}
		a.want(http.StatusOK).shows(".package h2, .package h3", c.want).header("X-Robots-Tag", "noindex").header("Cache-Control", "private, no-store").
			holds(`name="robots" content="noindex"`, "!canonical", "!ld+json")
	}
	h.get("/").holds("!Later")
	h.get(sea.Path).holds("!Later")
}
