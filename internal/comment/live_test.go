package comment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/comment"
	"stet/internal/fault"
)

// said writes an approved comment, a minute after the one before.
func (d *desk) said(article, parent int64, name string) int64 {
	d.t.Helper()
	d.pass(time.Minute)
	return d.imported(comment.Imported{ArticleID: article, ParentID: parent, Name: name, Body: "I am " + name + ".", Status: comment.Approved})
}

// shape is a thread as a list of names, indented by depth; "~" marks what stands under the third step, "!" what is pinned, "<" whom it answers,
// "<<" that this one stands on another page.
func shape(list []comment.Live) string {
	var b strings.Builder
	for _, l := range list {
		b.WriteString(strings.Repeat(".", l.Depth-1))
		if l.Deeper {
			b.WriteString("~")
		}
		if l.Pinned {
			b.WriteString("!")
		}
		b.WriteString(l.Name)
		switch {
		case l.ParentGone:
			b.WriteString("<?")
		case l.ParentID != 0 && !l.ParentHere:
			b.WriteString("<<" + l.ParentName)
		case l.ParentID != 0:
			b.WriteString("<" + l.ParentName)
		}
		b.WriteString(" ")
	}
	return strings.TrimSpace(b.String())
}

func TestThread(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	a := d.said(article, 0, "a")
	b := d.said(article, 0, "b")
	ab := d.said(article, a, "ab")
	ac := d.said(article, a, "ac")
	abd := d.said(article, ab, "abd")
	abde := d.said(article, abd, "abde")
	abf := d.said(article, ab, "abf")
	d.said(article, abde, "abdeg")
	d.said(article, ac, "ach")
	d.said(article, abd, "abdi")
	d.said(article, b, "bj")
	d.said(d.article(), 0, "elsewhere")
	oldest := "a .ab<a ..abd<ab ..~abde<abd ..~abdeg<abde ..~abdi<abd ..abf<ab .ac<a ..ach<ac"
	for order, want := range map[comment.Order]string{
		comment.Oldest: oldest + " b .bj<b", comment.Newest: "b .bj<b " + oldest, comment.Replied: oldest + " b .bj<b",
	} {
		got := d.thread(article, order, 1)
		if s := shape(got.Comments); s != want || got.Total != 11 || got.Pages != 1 {
			t.Errorf("%s: %s (%d on %d pages)\nwant %s", order, s, got.Total, got.Pages, want)
		}
	}
	moderator := d.moderator()
	d.decide(moderator, abd, comment.Hold)
	d.decide(moderator, b, comment.Hold)
	if got := shape(d.thread(article, comment.Oldest, 1).Comments); got != "a .ab<a ..~abde<? ..~abdeg<abde ..~abdi<? ..abf<ab .ac<a ..ach<ac .bj<?" {
		t.Errorf("without two of them: %s", got)
	}
	latest, err := d.Readers.LiveLatest(t.Context(), article, 3)
	if err != nil || shape(latest) != ".bj<? ..~abdi<? ..ach<<ac" {
		t.Errorf("LiveLatest = %s, %v", shape(latest), err)
	}
	if _, err := d.Readers.LivePlace(t.Context(), article, abf); err != nil {
		t.Error(err)
	}
	for _, id := range []int64{abd, 1 << 40} {
		if _, err := d.Readers.LivePlace(t.Context(), article, id); !errors.Is(err, fault.NotFound) {
			t.Errorf("LivePlace of one that isn't shown = %v", err)
		}
	}
	if _, err := d.Readers.LivePlace(t.Context(), article+1, abf); !errors.Is(err, fault.NotFound) {
		t.Errorf("LivePlace on another article = %v", err)
	}
}

func TestThreadPages(t *testing.T) {
	d := newDesk(t)
	article := d.article()
	if got := d.thread(article, comment.Oldest, 1); got.Pages != 1 || got.Total != 0 || len(got.Comments) != 0 {
		t.Errorf("without comments: %+v", got)
	}
	var roots []int64
	for i := range comment.PerPage + 2 {
		roots = append(roots, d.said(article, 0, fmt.Sprint(i)))
	}
	reply := d.said(article, roots[0], "reply")
	last := d.said(article, roots[51], "last")
	first, second := d.thread(article, comment.Oldest, 1), d.thread(article, comment.Oldest, 2)
	if len(first.Comments) != 50 || first.Pages != 2 || first.Total != 54 || shape(second.Comments) != "49 50 51 .last<51" || second.Page != 2 {
		t.Errorf("%d on the first page of %d, then %s", len(first.Comments), first.Pages, shape(second.Comments))
	}
	if got := d.thread(article, comment.Newest, 2); shape(got.Comments) != "2 1 0 .reply<0" {
		t.Errorf("newest first, page 2: %s", shape(got.Comments))
	}
	for _, page := range []int{-1, 0, 3, 1 << 40} {
		if got := d.thread(article, comment.Oldest, page); got.Exists() {
			t.Errorf("page %d = %s, and there is none", page, shape(got.Comments))
		}
	}
	for id, want := range map[int64]int{roots[0]: 1, reply: 1, roots[48]: 1, roots[49]: 2, last: 2} {
		got, err := d.Readers.LivePlace(t.Context(), article, id)
		if err != nil || got.Page != want || got.Anchor != fmt.Sprintf("comment-%d", id) {
			t.Errorf("LivePlace(%d) = %+v, %v, want page %d", id, got, err, want)
		}
	}
}

func TestParseOrder(t *testing.T) {
	var got []string
	for _, s := range []string{"", "oldest", "newest", "replied", "Newest", "id; DROP TABLE comments"} {
		o, ok := comment.ParseOrder(s)
		got = append(got, fmt.Sprintf("%s %v", o, ok))
	}
	if want := []string{"oldest true", "oldest true", "newest true", "replied true", " false", " false"}; !slices.Equal(got, want) {
		t.Errorf("ParseOrder = %q, want %q", got, want)
	}
}
