package newsroom

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"stet/internal/comment"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// comments is the moderators' queue.
type comments struct {
	*face
	store    *comment.Store
	taxonomy *taxonomy.Store
	pages    commentPages
}

const queuePerPage = 30

func (c *comments) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	tree, err := c.taxonomy.Tree(r.Context())
	if err != nil {
		return err
	}
	filter, err := commentFilter(q, tree)
	if err != nil {
		return err
	}
	items, next, err := c.store.Queue(r.Context(), actor, filter)
	if err != nil {
		return err
	}
	waiting, err := c.store.Waiting(r.Context())
	if err != nil {
		return err
	}
	return c.pages.queue.Write(w, r, http.StatusOK, c.page(r, actor, q, queued{filter, items, next, waiting, tree}))
}

// queued is what the page shows.
type queued struct {
	filter  comment.Filter
	items   []comment.Item
	next    string
	waiting comment.Waiting
	tree    taxonomy.Tree
}

// commentFilter reads what is asked for. A category or article that isn't there has no comments.
func commentFilter(q page.Form, tree taxonomy.Tree) (comment.Filter, error) {
	f := comment.Filter{Status: comment.Status(cmp.Or(q.Text("status"), string(comment.Pending))), Q: q.Text("q"), After: q.Text("after"), Limit: queuePerPage}
	switch f.Status {
	case comment.Pending, comment.Approved, comment.Rejected, comment.Spam:
	default:
		return f, fault.NotFound
	}
	if slug := q.Text("category"); slug != "" {
		found, ok := tree.BySlug(slug)
		if !ok {
			return f, fault.NotFound
		}
		f.CategoryID = found.ID
	}
	var err error
	f.ArticleID, err = q.Int("article")
	return f, err
}

func (c *comments) page(r *http.Request, actor staff.Actor, q page.Form, in queued) commentsPage {
	fm := form{words: "comments", values: q.Values}
	p := commentsPage{frame: c.frame(r, actor, page.T("newsroom.comments"), "/newsroom/comments"), Here: r.URL.RequestURI(), Waiting: waitingWords(in.waiting, c.now()),
		Views: commentViews(in), All: page.N("newsroom.comments.all-here", len(in.items)), Bulk: bulkChoices(in.filter.Status), None: page.T("newsroom.comments.none-here"),
		Filter: filter{Action: "/newsroom/comments", Kept: kept(q, "status", "article"),
			Fields: []field{fm.pick("category", append([]option{{Text: page.T("newsroom.all")}}, categoryOptions(in.tree)...)), fm.typed("q", "search")}},
		Foot: foot{Range: page.N("newsroom.range", len(in.items)), First: firstPage(q, "after"), Next: nextPage(q, "after", in.next), Words: "newsroom.further"}}
	if q.Text("q")+q.Text("category")+q.Text("article") != "" {
		p.Filter.Clear = "/newsroom/comments?" + asQuery(kept(q, "status"))
	} else if in.filter.Status == comment.Pending {
		p.None = page.T("newsroom.comments.none")
	}
	for i := range in.items {
		it := c.item(&in.items[i])
		it.Here, it.Now = p.Here, i == 0
		p.Items = append(p.Items, it)
	}
	return p
}

// decide gives the address of one decision on one comment.
func (c *comments) decide(act comment.Act) handler {
	return func(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		f, err := page.ParseForm(w, r, limitForm)
		if err != nil {
			return err
		}
		pick, err := picked(f, id)
		if err != nil {
			return err
		}
		err = c.store.Decide(r.Context(), actor, pick, act, f.Text("reason"))
		var decided *comment.Decided
		if errors.As(err, &decided) {
			return c.decidedMeanwhile(w, r, actor, f, decided)
		}
		if err != nil {
			return explain(err)
		}
		undo := fmt.Sprintf("/newsroom/comments/%d/undo", id)
		if act == comment.Undo {
			undo = ""
		}
		c.sayUndo(r, page.T("newsroom.comments.done."+string(act), id), undo)
		return seeOther(w, r, local(f.Get("back"), "/newsroom/comments"))
	}
}

// picked is the comment that the address names, as the form had seen it, if it says so.
func picked(f page.Form, id int64) (comment.Pick, error) {
	if f.Text("ids") == "" {
		return comment.Pick{ID: id}, nil
	}
	pick, err := comment.ParsePick(f.Text("ids"))
	if err == nil && pick.ID != id {
		err = fault.NotFound
	}
	return pick, err
}

// explain says to a moderator what the noun says to whoever answers a comment that isn't public.
func explain(err error) error {
	if faults, ok := refused(err); ok && faults["parent"] != "" {
		return fault.Field("parent", "newsroom.comments.parent-held")
	}
	return err
}

// bulk does one thing to many. What somebody else decided meanwhile is left as it is, and said.
func (c *comments) bulk(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	var picks []comment.Pick
	for _, text := range f.Values["ids"] {
		pick, err := comment.ParsePick(text)
		if err != nil {
			return err
		}
		picks = append(picks, pick)
	}
	act := comment.Act(f.Text("act"))
	done, failed, err := c.store.Bulk(r.Context(), actor, picks, act, f.Text("reason"))
	if err != nil {
		return err
	}
	text, ids, undo := page.N("newsroom.comments.done.bulk", len(done)), make([]string, len(done)), "/newsroom/comments/bulk"
	if act == comment.Undo {
		text = page.N("newsroom.comments.done.bulk-undo", len(done))
	}
	for i, id := range done {
		ids[i] = strconv.FormatInt(id, 10)
	}
	if len(failed) > 0 {
		text += " " + page.N("newsroom.comments.done.bulk-missed", len(failed))
	}
	if act == comment.Undo || len(done) == 0 {
		undo = ""
	}
	c.sayUndo(r, text, undo, ids...)
	return seeOther(w, r, local(f.Get("back"), "/newsroom/comments"))
}

func (c *comments) decidedMeanwhile(w http.ResponseWriter, r *http.Request, actor staff.Actor, f page.Form, d *comment.Decided) error {
	p := decidedPage{frame: c.frame(r, actor, page.T("newsroom.comments.decided-title"), "/newsroom/comments"), URL: fmt.Sprintf("/newsroom/comments/%d", d.ID),
		Back: local(f.Get("back"), "/newsroom/comments"), Status: string(d.Status), CanUndo: d.Decision.ID != 0}
	p.Said = page.T("newsroom.comments.decided-"+cmp.Or(string(d.Act), "none"), cmp.Or(d.By, page.T("newsroom.comments.by-itself")), c.clock().When(d.At).Text)
	if d.Reason != "" {
		p.Said += " " + page.T("newsroom.comments.decided-reason", d.Reason)
	}
	return c.pages.decided.Write(w, r, http.StatusConflict, p)
}
