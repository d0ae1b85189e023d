package article_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
	"stet/internal/taxonomy"
)

// shelf is a newsroom with categories, whose articles are told by their headlines.
type shelf struct {
	*newsroom
	ids        map[string]int64
	categories map[string]int64
}

func newShelf(t *testing.T, categories ...string) *shelf {
	t.Helper()
	s := &shelf{newNewsroom(t), map[string]int64{}, map[string]int64{}}
	for _, name := range categories {
		c, err := taxonomy.New(s.db.App).Create(t.Context(), s.admin, taxonomy.CategoryIn{Name: name, Slug: strings.ToLower(name)})
		if err != nil {
			t.Fatal(err)
		}
		s.categories[strings.ToLower(name)] = c.ID
	}
	return s
}

func (s *shelf) put(d article.Draft) int64 {
	s.Helper()
	s.clock.tick(time.Hour)
	id, err := s.store.Create(s.Context(), s.editor, article.KindArticle, "")
	if err != nil {
		s.Fatal(err)
	}
	if d.Body == "" {
		d.Body = "<p>Words that say nothing of it.</p>"
	}
	revision := s.save(id, 1, d)
	if _, err := s.store.Publish(s.Context(), s.editor, id, article.PublishIn{Revision: revision}); err != nil {
		s.Fatal(err)
	}
	s.ids[d.Headline] = id
	return id
}

// around gives the headlines around an article, by place.
func (s *shelf) around(headline, category string) (related, newest []string, previous, next string) {
	s.Helper()
	id, at := s.ids[headline], s.categories[category]
	l, err := s.reader.LiveArticle(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	var got article.Neighbours
	if err := s.reader.LiveNeighbours(article.NeighboursIn{ID: id, Category: at, Section: []int64{at}, At: l.FirstPublicAt, Each: 4}, &got).Run(s.Context()); err != nil {
		s.Fatal(err)
	}
	for _, c := range got.Related {
		related = append(related, c.Headline)
	}
	for _, c := range got.Newest {
		newest = append(newest, c.Headline)
	}
	if got.Previous != nil {
		previous = got.Previous.Headline
	}
	if got.Next != nil {
		next = got.Next.Headline
	}
	return related, newest, previous, next
}

func (s *shelf) relate(headline string) {
	s.Helper()
	if err := s.store.Relate(s.Context(), s.ids[headline]); err != nil {
		s.Fatal(err)
	}
}

func TestRelatedArticles(t *testing.T) {
	s := newShelf(t, "Coast", "Kitchen")
	for i := range 9 {
		s.put(article.Draft{Headline: fmt.Sprint("Coast ", i), Category: "coast"})
	}
	s.put(article.Draft{Headline: "The lighthouse of Sallow Point", Category: "coast", Tags: []string{"Lighthouses"}, Body: "<p>The keeper polishes the lens.</p>"})
	s.put(article.Draft{Headline: "Soup from a lighthouse", Category: "kitchen", Tags: []string{"Soup"}, Body: "<p>A keeper cooks beneath the lens.</p>"})
	s.put(article.Draft{Headline: "Lamps for sale", Category: "kitchen", Tags: []string{"Lighthouses"}})
	s.put(article.Draft{Headline: "Bread", Category: "kitchen"})
	s.put(article.Draft{Headline: "등대를 지키는 사람", Language: "ko", Body: "<p>등대는 밤마다 켜진다.</p>"})
	s.put(article.Draft{Headline: "등대의 밤", Language: "ko", Body: "<p>바다가 조용하다.</p>"})

	if related, newest, _, _ := s.around("Coast 3", "coast"); len(related) != 0 || !slices.Equal(newest, []string{"The lighthouse of Sallow Point", "Coast 8", "Coast 7", "Coast 6"}) {
		t.Errorf("before anything was related: %v, %v, want the newest of the category", related, newest)
	}
	for headline := range s.ids {
		s.relate(headline)
	}
	related, newest, previous, next := s.around("The lighthouse of Sallow Point", "coast")
	if len(newest) != 0 || len(related) != 4 || !slices.Contains(related[:3], "Lamps for sale") || !slices.Contains(related[:3], "Soup from a lighthouse") || slices.Contains(related, "Bread") {
		t.Errorf("related: %v, then %v; want those with the tag and the words before the rest of the category", related, newest)
	}
	if previous != "Coast 8" || next != "" {
		t.Errorf("between %q and %q", previous, next)
	}
	if _, _, previous, next := s.around("Coast 3", "coast"); previous != "Coast 2" || next != "Coast 4" {
		t.Errorf("Coast 3 stands between %q and %q", previous, next)
	}
	if related, _, _, _ := s.around("등대를 지키는 사람", "coast"); len(related) == 0 || related[0] != "등대의 밤" {
		t.Errorf("related to the Korean article: %v", related)
	}
	for i := range 9 {
		headline := fmt.Sprint("Coast ", i)
		if related, _, _, _ := s.around(headline, "coast"); len(related) < 3 || slices.Contains(related, headline) {
			t.Errorf("related to %s of a category of ten: %v", headline, related)
		}
	}
}

// TestRelatedLeavesWithTheList takes articles back: the view hides them at once, those whose lists grow short are made anew, and what was never
// public or is gone has no list.
func TestRelatedLeavesWithTheList(t *testing.T) {
	s := newShelf(t, "Coast")
	for i := range 6 {
		s.put(article.Draft{Headline: fmt.Sprint("Coast ", i), Category: "coast"})
	}
	s.relate("Coast 0")
	if related, _, _, _ := s.around("Coast 0", "coast"); !slices.Equal(related, []string{"Coast 5", "Coast 4", "Coast 3", "Coast 2"}) {
		t.Errorf("related: %v", related)
	}
	if err := s.store.Retract(t.Context(), s.editor, s.ids["Coast 5"], "<p>We were wrong.</p>"); err != nil {
		t.Fatal(err)
	}
	if related, _, previous, next := s.around("Coast 4", "coast"); next != "" || previous != "Coast 3" || slices.Contains(related, "Coast 5") {
		t.Errorf("beside the retracted one stand %v, %q and %q", related, previous, next)
	}
	if related, _, _, _ := s.around("Coast 0", "coast"); !slices.Equal(related, []string{"Coast 4", "Coast 3", "Coast 2", "Coast 1"}) {
		t.Errorf("related, without the retracted one: %v", related)
	}
	if err := s.store.Withdraw(t.Context(), s.editor, s.ids["Coast 4"], "<p>Gone.</p>"); err != nil {
		t.Fatal(err)
	}
	waiting := func() (n int) {
		t.Helper()
		err := s.db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'related' AND args->>'article' = $1::text`, fmt.Sprint(s.ids["Coast 0"])).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := s.db.Owner.Exec(t.Context(), `DELETE FROM river_job`); err != nil {
		t.Fatal(err)
	}
	s.relate("Coast 4")
	s.relate("Coast 5")
	if n := waiting(); n != 1 {
		t.Errorf("%d jobs make anew the list in which too few are left, want 1", n)
	}
	if err := s.store.Relate(t.Context(), 1<<40); err != nil {
		t.Error(err)
	}
	_, revision := s.draft("Never public")
	if err := s.store.Relate(t.Context(), s.ids["Coast 4"]+int64(revision)); err != nil {
		t.Error(err)
	}
}
