package newsroom

import (
	"cmp"
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

const (
	queuePerPage = 30
	queueAt      = "/newsroom/comments"
)

// queueTabs are the lists in the order of their tabs, the first one apart; those that are only shown while they hold something come second.
var (
	queueTabs = []comment.Status{comment.Overtaken, comment.Reported, comment.Appealed, comment.Second, comment.Approved, comment.Rejected, comment.Spam}
	passing   = map[comment.Status]bool{comment.Overtaken: true, comment.Reported: true, comment.Appealed: true, comment.Second: true}
)

func (c *comments) list(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	in, err := c.look(r, actor, q)
	if err != nil {
		return err
	}
	return c.pages.queue.Write(w, r, http.StatusOK, c.page(r, actor, q, in))
}

// queued is what the page shows.
type queued struct {
	filter comment.Filter
	items  []comment.Item
	next   string
	board  comment.Board
	tree   taxonomy.Tree
}

// look reads all that stands on the page.
func (c *comments) look(r *http.Request, actor staff.Actor, q page.Form) (in queued, err error) {
	ctx := r.Context()
	if in.tree, err = c.taxonomy.Tree(ctx); err != nil {
		return in, err
	}
	if in.filter, err = commentFilter(q, in.tree); err != nil {
		return in, err
	}
	if in.items, in.next, err = c.store.Queue(ctx, actor, in.filter); err != nil {
		return in, err
	}
	in.board, err = c.store.Board(ctx, actor, c.midnight())
	return in, err
}

// commentFilter reads what is asked for. A category or article that isn't there has no comments.
func commentFilter(q page.Form, tree taxonomy.Tree) (comment.Filter, error) {
	f := comment.Filter{Status: comment.Status(cmp.Or(q.Text("status"), string(comment.Pending))), Q: q.Text("q"), Rule: q.Text("rule"), After: q.Text("after"), Limit: queuePerPage}
	if slug := q.Text("category"); slug != "" {
		found, ok := tree.BySlug(slug)
		if !ok {
			return f, fault.NotFound
		}
		f.CategoryID = found.ID
	}
	var err error
	if f.ArticleID, err = q.Int("article"); err != nil {
		return f, err
	}
	f.PersonID, err = q.Int("person")
	return f, err
}

// narrowings are the parameters that narrow a list; they stay when another tab is chosen.
var narrowings = []string{"article", "category", "rule", "person", "q"}

func (c *comments) page(r *http.Request, actor staff.Actor, q page.Form, in queued) commentsPage {
	d := c.dresser(r.URL.RequestURI(), in.board.Reasons)
	p := commentsPage{frame: c.frame(r, actor, page.T("newsroom.comments"), queueAt), Here: d.here, Wait: waiting(in.board.Waiting, d.now), Views: commentViews(q, in),
		All: page.N("newsroom.comments.all-here", len(in.items)), None: page.T("newsroom.comments.none-here"), Filter: queueFilter(q, in), Side: c.side(in.board.Figures, in.board.Storms), Alarm: emergencyWords(in.board.Figures.Emergency),
		Foot: foot{Range: page.N("newsroom.range", len(in.items)), First: firstPage(q, "after"), Next: nextPage(q, "after", in.next), Words: "newsroom.further"}}
	switch in.filter.Status {
	case comment.Second:
		p.Blind = page.T("newsroom.comments.blind")
	case comment.Pending, comment.Overtaken, comment.Reported, comment.Mine:
		p.Bulk = d.decisions(comment.Pending)
	case comment.Appealed:
		p.Bulk = d.decisions(comment.Rejected)
	default:
		p.Bulk = d.decisions(in.filter.Status)
	}
	if p.Filter.Clear == "" && in.filter.Status == comment.Pending {
		p.None = page.T("newsroom.comments.none")
	}
	others := map[string]bool{}
	for i := range in.items {
		it := d.item(&in.items[i])
		it.Now, it.Choose = i == 0, len(p.Bulk) > 0
		p.Items = append(p.Items, it)
		if by := in.items[i].HeldBy; by != "" && !in.items[i].HeldByMe {
			others[by] = true
		}
	}
	p.Others = alsoHere(others)
	p.Person = personOf(in)
	return p
}

func (c *comments) dresser(here string, saved []string) *dresser {
	return &dresser{clock: c.clock(), now: c.now(), saved: saved, here: here}
}

// personOf says that the list is one person's, where it is.
func personOf(in queued) *personLine {
	if in.filter.PersonID == 0 {
		return nil
	}
	out := &personLine{ID: in.filter.PersonID, URL: "/newsroom/commenters/" + strconv.FormatInt(in.filter.PersonID, 10), Text: page.T("newsroom.comments.one-person")}
	if in.filter.Status == comment.Pending && len(in.items) > 0 {
		out.Waits = page.T("newsroom.comments.all-by")
	}
	return out
}

func commentViews(q page.Form, in queued) []view {
	at := func(status comment.Status) string {
		params := append([]param{{"status", string(status)}}, kept(q, narrowings...)...)
		return queueAt + "?" + asQuery(params)
	}
	count := page.Number(in.board.Waiting.Count)
	if in.board.Waiting.More {
		count += "+"
	}
	out := []view{{Name: page.T("newsroom.comments.pending"), URL: at(comment.Pending), Count: count, Here: in.filter.Status == comment.Pending}}
	for _, status := range queueTabs {
		n, here := in.board.Tabs[status], in.filter.Status == status
		if n == 0 && passing[status] && !here {
			continue
		}
		v := view{Name: page.T("newsroom.comments." + string(status)), URL: at(status), Count: page.Number(n), Here: here}
		if comment.Capped(n) {
			v.Count += "+"
		}
		out = append(out, v)
	}
	out = append(out, view{Name: page.T("newsroom.bans"), URL: bansAt, Count: page.Number(in.board.Tabs[comment.Banned])})
	return append(out, view{Name: page.T("newsroom.comments.log"), URL: queueAt + "/log"})
}

// queueRules are the kinds of rules to narrow by, as they are kept with comments.
var queueRules = []string{"premoderated", "first", "words", "links", "spam", "capitals", "duplicate", "fast", "flood", "name", "edited", "storm", "foreign", "held", "emergency", "banned", "honeypot"}

func queueFilter(q page.Form, in queued) filter {
	fm := form{words: "comments", values: q.Values}
	articles := []option{{Text: page.T("newsroom.all")}}
	chosen := q.Text("article") == ""
	for _, a := range in.board.Figures.Articles {
		o := option{Value: strconv.FormatInt(a.ID, 10), Text: page.T("newsroom.comments.article-waiting", short(cmp.Or(a.Headline, page.T("newsroom.untitled")), 60), page.Number(a.Waiting))}
		chosen = chosen || o.Value == q.Text("article")
		articles = append(articles, o)
	}
	if !chosen {
		articles = append(articles, option{Value: q.Text("article"), Text: page.T("newsroom.comments.this-article")})
	}
	rules := []option{{Text: page.T("newsroom.comments.any-rule")}}
	for _, rule := range queueRules {
		rules = append(rules, option{Value: rule, Text: page.T("newsroom.comments.rule-short." + rule)})
	}
	out := filter{Action: queueAt, Kept: kept(q, "status", "person"), Fields: []field{fm.pick("article", articles),
		fm.pick("category", append([]option{{Text: page.T("newsroom.all")}}, categoryOptions(in.tree)...)), fm.pick("rule", rules), fm.typed("q", "search")}}
	for _, name := range narrowings {
		if q.Text(name) != "" {
			out.Clear = queueAt + "?" + asQuery(kept(q, "status"))
		}
	}
	return out
}
