package article_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
)

// TestFormGoesOn sends a form again that was saved before, with more written in it and still upon its old base: as after the browser's Back, or
// from the copy of a browser that went down before it had the answer. It isn't asked about its own words, and loses none; others' it is.
func TestFormGoesOn(t *testing.T) {
	n := newNewsroom(t)
	id, base := n.draft("Gone on")
	d, err := n.store.Revision(t.Context(), n.editor, id, base)
	if err != nil {
		t.Fatal(err)
	}
	theirs := d
	theirs.Body = strings.Replace(d.Body, "A clause", "Her clause", 1)
	theirs.Tags = append([]string{"Hers"}, d.Tags...)
	if _, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: theirs, Base: base}); err != nil {
		t.Fatal(err)
	}
	send := func(d article.Draft, key string) (article.Saved, error) {
		n.clock.tick(time.Second)
		return n.store.Save(t.Context(), n.editor, id, article.SaveIn{Draft: d, Base: base, Key: key})
	}
	d.Body, d.Standfirst, d.Tags = strings.Replace(d.Body, "came on", "came on late", 1), "Once.", append(d.Tags, "Mine")
	first, err := send(d, "form")
	if err != nil || !first.Merged {
		t.Fatalf("first = %+v, %v", first, err)
	}
	if again, err := send(d, "form"); err != nil || again.Number != first.Number {
		t.Errorf("the same again = %+v, %v, want revision %d", again, err, first.Number)
	}
	d.Body, d.Standfirst = strings.Replace(d.Body, "came on late", "came on very late", 1), "Twice."
	second, err := send(d, "form")
	if err != nil || second.Number != first.Number+1 {
		t.Fatalf("gone on = %+v, %v, want the next revision", second, err)
	}
	d.Body = strings.Replace(d.Body, "very late", "too late", 1)
	if _, err := send(d, "form"); err != nil {
		t.Fatalf("and on: %v", err)
	}
	e, err := n.store.Edit(t.Context(), n.editor, id)
	if err != nil || !strings.Contains(e.Draft.Body, "came on too late") || !strings.Contains(e.Draft.Body, "Her clause") || e.Draft.Standfirst != "Twice." || len(e.Draft.Tags) != 3 {
		t.Errorf("in the end %+v, %v, want all of both", e.Draft, err)
	}
	// Another form of the same person knows nothing of it: a person decides, and both texts are there.
	other := d
	other.Body = strings.Replace(d.Body, "too late", "early", 1)
	var o *article.Overlap
	if _, err := send(other, "another form"); !errors.As(err, &o) || !o.Own || len(o.Fields) != 0 {
		t.Errorf("another form: %v, want an overlap with the actor's own", err)
	}
	// What somebody else put over the form's words is asked about, and nothing else; so it is when the page is opened.
	hers := e.Draft
	hers.Body = strings.Replace(hers.Body, "too late", "at last", 1)
	if _, err := n.store.Save(t.Context(), n.admin, id, article.SaveIn{Draft: hers, Base: e.Head}); err != nil {
		t.Fatal(err)
	}
	d.Body, d.Standfirst = strings.Replace(d.Body, "too late", "much too late", 1), "Thrice."
	if _, err := send(d, "form"); !errors.As(err, &o) || len(o.Blocks) != 1 || len(o.Fields) != 0 {
		t.Fatalf("over hers: %+v, %v, want one block asked about", o, err)
	}
	if o, err = n.store.Overlap(t.Context(), n.editor, id, o.Aside); err != nil || len(o.Blocks) != 1 || len(o.Fields) != 0 || !strings.Contains(o.Blocks[0].Base, "too late") {
		t.Errorf("opened: %+v, %v, want the same", o, err)
	}
}
