package newsroom

import (
	"cmp"
	"net/http"
	"strings"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/staff"
)

// bulk does one thing to many articles and says what became of them.
func (d *desk) bulk(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	in := article.BulkIn{Act: f.Text("act"), Public: ticked(f.Values["public"]), Key: f.Text("key")}
	in.Value = cmp.Or(f.Text("value"), f.Text(map[string]string{article.BulkCategory: "category", article.BulkAddTag: "tag", article.BulkRemoveTag: "tag", article.BulkAssign: "person"}[in.Act]))
	for _, text := range f.Values["ids"] {
		pick, err := article.ParseBulkPick(text)
		if err != nil {
			return err
		}
		in.Picks = append(in.Picks, pick)
	}
	back := local(f.Get("back"), "/newsroom/articles")
	done, err := d.store.Bulk(r.Context(), actor, in)
	if faults, ok := refused(err); ok {
		for _, why := range faults {
			d.say(r, page.Say(why))
		}
		return seeOther(w, r, back)
	}
	if err != nil {
		return err
	}
	undo, ids := "", make([]string, len(done.Changed))
	for i, pick := range done.Changed {
		ids[i] = pick.String()
	}
	if in.Act != article.BulkUndo && len(ids) > 0 {
		undo = "/newsroom/articles/bulk"
	}
	d.sayUndo(r, bulkWords(in.Act, done), undo, ids...)
	return seeOther(w, r, back)
}

// refusalsSaid is how many refusals are told with their reason; the others are counted.
const refusalsSaid = 5

// bulkWords says what became of many.
func bulkWords(act string, done article.BulkDone) string {
	changed := "newsroom.bulk.done"
	if act == article.BulkUndo {
		changed = "newsroom.bulk.undone"
	}
	parts := []string{page.N(changed, len(done.Changed))}
	for _, part := range []struct {
		key string
		n   int
	}{{"newsroom.bulk.public", done.Public}, {"newsroom.bulk.waiting", done.Waiting}, {"newsroom.bulk.unchanged", done.Unchanged}, {"newsroom.bulk.refused", len(done.Refused)}} {
		if part.n > 0 {
			parts = append(parts, page.N(part.key, part.n))
		}
	}
	for i, refusal := range done.Refused {
		if i == refusalsSaid {
			break
		}
		parts = append(parts, page.T("newsroom.bulk.why", cmp.Or(refusal.Headline, page.T("newsroom.untitled")), page.Say(refusal.Why)))
	}
	return strings.Join(parts, " ")
}
