package app_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/media"
	"stet/internal/staff"
)

// oddHeadlines are headlines that a page must bear.
var oddHeadlines = map[string]string{
	"code":            `</script><script>alert(1)</script> "A" & 'b' <b>`,
	"a long word":     strings.Repeat("Donaudampfschifffahrt", 9),
	"emoji":           "👩‍👩‍👧 🏳️‍🌈 🧑🏽‍🚀",
	"both directions": "The lamp \u05e9\u05dc\u05d5\u05dd (12) \u200f",
}

// kinds are articles of every kind that the demo lacks.
func (w *world) kinds() map[string]article.Draft {
	w.Helper()
	m, err := w.app.Media.Add(w.Context(), w.people[staff.Admin], media.Upload{Name: "lamp.png", Reader: bytes.NewReader(greyPNG(w)), Alt: "A lamp", Credit: "Somebody"})
	w.must(err)
	out := map[string]article.Draft{
		"nothing but words":    {Headline: "Bare", Body: "<p>Words.</p>"},
		"no words":             {Headline: "A headline alone", Body: ""},
		"everything":           {Headline: "Everything", Standfirst: "Lit again.", Kicker: "Strait", Dateline: "Cape Ore", Label: "analysis", Body: fmt.Sprintf(richBody, m.ID), Category: "science", Tags: []string{"Lamps"}, Authors: []string{"seo-yun-ha", "Somebody Else"}, Image: m.ID, ImageAlt: "A lamp", ImageCaption: "The lamp", ImageCredit: "Somebody"},
		"out of indexes":       {Headline: "Hidden", Body: "<p>Words.</p>", NoIndex: true, Category: "science"},
		"sponsored":            {Headline: "Paid for", Body: "<p>Words.</p>", Label: "sponsored", Category: "science", Dateline: "Cape Ore"},
		"Hebrew":               {Headline: "המגדלור", Body: "<p>האור נדלק.</p>", Language: "he", Category: "science"},
		"Japanese":             {Headline: "岬の灯台", Body: "<p>灯りがついた。</p>", Language: "ja", Category: "science"},
		"no comments any more": {Headline: "Closed", Body: "<p>Words.</p>", Comments: "closed"},
		"comments at once":     {Headline: "Open", Body: "<p>Words.</p>", Comments: "open"},
		"comments read first":  {Headline: "Read first", Body: "<p>Words.</p>", Comments: "premoderated"},
	}
	for name, headline := range oddHeadlines {
		out["a headline of "+name] = article.Draft{Headline: headline, Standfirst: headline, Body: "<p>" + "Words" + ".</p>", Tags: []string{"Strange"}}
	}
	return out
}

// public publishes a draft and gives its id and address.
func (w *world) goes(d article.Draft) (int64, string) {
	w.Helper()
	s, actor := w.app.Articles, w.people[staff.Editor]
	id, err := s.Create(w.Context(), actor, article.KindArticle, "")
	w.must(err)
	saved, err := s.Save(w.Context(), actor, id, article.SaveIn{Draft: d, Base: 1})
	w.must(err)
	out, err := s.Publish(w.Context(), actor, id, article.PublishIn{Revision: saved.Number})
	w.must(err)
	return id, out.Path
}

// unlike are the kinds that a browser looks at; the others differ in nothing that it sees.
var unlike = map[string]bool{"nothing but words": true, "everything": true, "Hebrew": true, "comments at once": true, "a headline of a long word": true}

// stateLooks are articles in states that the demo lacks.
func (w *world) stateLooks() []look {
	var out []look
	kinds := w.kinds()
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		_, path := w.goes(kinds[name])
		out = append(out, look{route: "ARTICLE", state: name, path: path, like: !unlike[name]})
		out = append(out, look{route: "ARTICLEcard/{n}.png", state: "a picture of its headline", path: path + "card/1.png"})
		out = append(out, below(path, true)...)
	}
	live := w.live()
	out = append(out, look{route: "ARTICLE", state: "live", path: live}, look{route: "ARTICLEhistory", state: "a live one's history", path: live + "history"},
		look{route: "ARTICLE", state: "imported", path: w.imported(), like: true})
	for state, status := range map[string]int{"withdrawn": http.StatusGone, "withheld": http.StatusUnavailableForLegalReasons} {
		id := states[state](w, w.people[staff.Editor])
		e, err := w.app.Articles.Edit(w.Context(), w.people[staff.Editor], id)
		w.must(err)
		out = append(out, look{route: nowhere, state: state, path: e.Path, status: status})
	}
	return append(out, look{route: "ARTICLEedit", state: "the way to the editor", path: live + "edit", status: http.StatusSeeOther})
}

// live is an article that is written while it is read.
func (w *world) live() string {
	w.Helper()
	id, path := w.goes(article.Draft{Headline: "As it happens", Body: "<p>It begins.</p>", Live: true, Category: "science", Dateline: "Cape Ore"})
	s, actor := w.app.Articles, w.people[staff.Editor]
	for _, in := range []article.NoticeIn{{Kind: article.Update, Notice: "<p>It goes on.</p>"}, {Kind: article.Clarification, Notice: "<p>It went on.</p>", Pinned: true}, {Kind: article.Note, Notice: "<p>Still.</p>"}} {
		_, err := s.Append(w.Context(), actor, id, in)
		w.must(err)
	}
	_, err := s.Amend(w.Context(), actor, id, 2, "<p>It goes on and on.</p>")
	w.must(err)
	w.must(s.Retract(w.Context(), actor, id, "<p>It never began.</p>"))
	w.must(s.Restore(w.Context(), actor, id, "<p>It did begin.</p>"))
	return path
}

// imported is an article from another system, at the address it had there.
func (w *world) imported() string {
	w.Helper()
	var as article.ImportedAs
	err := pgx.BeginFunc(w.Context(), w.db.App, func(tx pgx.Tx) (err error) {
		as, err = w.app.Articles.ImportTx(w.Context(), tx, w.people[staff.Admin], article.Imported{Draft: article.Draft{Headline: "From elsewhere", Body: "<p>Words.</p>"}, Kind: article.KindArticle,
			Status: article.Published, Path: "/2007/11/old.html", ClaimedAt: time.Date(2007, 11, 3, 9, 0, 0, 0, time.UTC)})
		return err
	})
	w.must(err)
	return as.Path
}

// talkLooks are a discussion that goes on for pages, and its forms as they are answered.
func (w *world) talkLooks() []look {
	_, err := w.db.Super.Exec(w.Context(), `UPDATE settings SET comments_per_email = 1000, comments_per_address = 1000`)
	w.must(err)
	id, path := w.goes(article.Draft{Headline: "Much discussed", Body: "<p>At 21:14 the lamp came on.</p>", Category: "science"})
	first := w.says(id, "Ilse Brandt", "It was most of a night.\n\n> quoted\n\nhttps://news.example/", 0)
	for i := range comment.PerPage + 2 {
		w.says(id, fmt.Sprint("Reader ", i), fmt.Sprint("Said ", i), first)
	}
	w.must(w.app.Comments.Pin(w.Context(), w.people[staff.Moderator], first, true))
	one := fmt.Sprintf("%scomments/%d", path, first)
	return []look{
		{route: "ARTICLE", state: "a long discussion", path: path},
		{route: "ARTICLEcomment-page-{n}", state: "its second page", path: path + "comment-page-2/"},
		{route: "ARTICLEcomments/{n}", state: "one comment's address", path: one, status: http.StatusFound},
		{route: "ARTICLEcomments/{n}/report", state: "a report of a comment", path: one + "/report"},
		{route: "ARTICLEcomments/{n}/report", state: "one without a reason", path: one + "/report", form: url.Values{"reason": {""}}, status: http.StatusUnprocessableEntity},
		{route: "ARTICLEreply/{n}", state: "an answer", path: fmt.Sprintf("%sreply/%d", path, first)},
		{route: nowhere, state: "a comment without words", path: path + "comments", form: form("name", "", "email", "x", "body", "", "version", "1"), status: http.StatusUnprocessableEntity},
		{route: "ARTICLEreport", state: "an error without words", path: path + "report", form: form("body", "", "version", "1"), status: http.StatusUnprocessableEntity},
	}
}

// receiptLooks are the receipts of comments and reports in every state.
func (w *world) receiptLooks(id int64) []look {
	v := w.visitor()
	var out []look
	for state, act := range map[string]comment.Act{"waits": "", "published": comment.Approve, "refused": comment.Reject, "spam": comment.MarkSpam} {
		one, token := w.posts(id, "Reader"+state, "What "+state+".")
		if act != "" {
			w.decides(one, act)
		}
		out = append(out, look{route: "/comments/{token}", state: "a comment that is " + state, path: "/comments/" + token})
	}
	refused, token := w.posts(id, "Appeals", "I was there.")
	w.decides(refused, comment.Reject)
	v.post("/comments/"+token, http.StatusSeeOther, "act", "appeal", "appeal", "I was.")
	_, gone := w.posts(id, "Deletes", "I was never there.")
	v.post("/comments/"+gone, http.StatusSeeOther, "act", "delete")
	out = append(out, look{route: "/comments/{token}", state: "an appeal", path: "/comments/" + token}, look{route: "/comments/{token}", state: "a deleted comment", path: "/comments/" + gone},
		look{route: "/comments/{token}", state: "no receipt", path: "/comments/nothing", status: http.StatusNotFound, like: true})
	return append(out, w.reportLooks(v, id)...)
}

// reportLooks are the receipts of reported errors and comments.
func (w *world) reportLooks(v *visitor, id int64) []look {
	ctx, editor := w.Context(), w.people[staff.Editor]
	e, err := w.app.Articles.Edit(ctx, editor, id)
	w.must(err)
	_, err = w.app.Articles.Append(ctx, editor, id, article.NoticeIn{Kind: article.Correction, Notice: "<p>It was 21:15.</p>"})
	w.must(err)
	var errors, reports []string
	for i := range 4 {
		got := v.post(e.Path+"report", http.StatusSeeOther, "quote", "It came on.", "body", fmt.Sprint("It was ", i), "name", "Ann", "email", "ann@reader.example", "credit", "1", "version", "1")
		errors = append(errors, got.Header.Get("Location"))
	}
	w.must(w.app.Reports.Correct(ctx, editor, 2, "", 2))
	w.must(w.app.Reports.Decline(ctx, editor, 3, "", "It is where it should be."))
	w.must(w.app.Reports.Check(ctx, editor, 4, ""))
	said := w.says(id, "Somebody", "Something.", 0)
	for _, reason := range []string{"abuse", "illegal", "spam"} {
		got := v.post(fmt.Sprintf("%scomments/%d/report", e.Path, said), http.StatusSeeOther, "reason", reason, "detail", "Look", "ground", "Libel", "name", "Ann", "email", "ann@reader.example", "good_faith", "1")
		reports = append(reports, got.Header.Get("Location"))
	}
	w.must(w.app.Comments.DecideReport(ctx, editor, 1, comment.Ruling{Answer: "It is an opinion."}))
	var out []look
	for i, at := range errors {
		out = append(out, look{route: "/comments/errors/{token}", state: fmt.Sprint("error ", i+1), path: at})
	}
	for i, at := range reports {
		out = append(out, look{route: "/comments/reports/{token}", state: fmt.Sprint("report ", i+1), path: at})
	}
	return out
}
