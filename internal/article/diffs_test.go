package article_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"stet/internal/article"
)

// TestDiffsAreKept publishes three versions and asks what the history is made of: what was kept in their transactions, what is left of it when
// one is withheld, and what the reader makes of rows that were never kept.
func TestDiffsAreKept(t *testing.T) {
	n := newNewsroom(t)
	id, _ := n.published("Two lights")
	revise := func(base int, body string) int {
		n.clock.tick(time.Hour)
		d, err := n.store.Revision(t.Context(), n.editor, id, base)
		if err != nil {
			t.Fatal(err)
		}
		d.Body = body
		revision := n.save(id, base, d)
		if _, err := n.store.Publish(t.Context(), n.editor, id, article.PublishIn{Revision: revision, Kind: article.Minor}); err != nil {
			t.Fatal(err)
		}
		return revision
	}
	second := revise(2, strings.Replace(body, "lamp", "libellous beacon", 1))
	n.append(id, article.Note, "<p>Said beside it.</p>", "")
	revise(second, strings.Replace(body, "lamp", "lantern", 1))
	if got := n.told(id); got != "2<1: At 21:14 the -lamp +libellous beacon  came on. | 4<2: At 21:14 the -libellous beacon +lantern  came on." {
		t.Errorf("kept: %s", got)
	}
	if err := n.store.Withhold(t.Context(), n.admin, id, []int{2}, "<p>Order of a court.</p>"); err != nil {
		t.Fatal(err)
	}
	if got := n.told(id); got != "4<1: At 21:14 the -lamp +lantern  came on." {
		t.Errorf("after version 2 was withheld: %s", got)
	}
	var words int
	if err := n.db.Owner.QueryRow(t.Context(), `SELECT count(*) FROM version_diffs WHERE diff::text LIKE '%libellous%'`).Scan(&words); err != nil || words != 0 {
		t.Errorf("%d diffs hold words that were withheld, %v", words, err)
	}
	kept, err := n.reader.LiveDiffs(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	n.owner(`DELETE FROM version_diffs`)
	made, err := n.reader.LiveDiffs(t.Context(), id)
	if err != nil || !reflect.DeepEqual(made, kept) {
		t.Errorf("made when asked: %+v, %v, want what had been kept: %+v", made, err, kept)
	}
}

// told writes the kept diffs of an article in a line.
func (n *newsroom) told(id int64) string {
	n.Helper()
	rows, err := n.db.Owner.Query(n.Context(), `SELECT number, diff FROM version_diffs WHERE article_id = $1 ORDER BY number`, id)
	if err != nil {
		n.Fatal(err)
	}
	var all []string
	for rows.Next() {
		var number int
		var d article.Diff
		if err := rows.Scan(&number, &d); err != nil {
			n.Fatal(err)
		}
		var b strings.Builder
		for _, block := range d.Body {
			for _, s := range block.Spans {
				b.WriteString([]string{"", "+", "-"}[s.Op] + s.Text + []string{"", " ", " "}[s.Op])
			}
		}
		all = append(all, strings.TrimSpace(strconv.Itoa(number)+"<"+strconv.Itoa(d.Against)+": "+b.String()))
	}
	return strings.Join(all, " | ")
}
