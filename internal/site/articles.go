package site

import (
	"net/http"
	"slices"
	"strconv"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/markup"
	"stet/internal/page"
	"stet/internal/settings"
)

// articles are the pages of one article: as it stands, as it stood, and its record.
type articles struct{ *face }

// show is the article as it stands, with one page of its comments.
func (a *articles) show(w http.ResponseWriter, r *http.Request, l *article.Live, commentPage int) error {
	order, err := orderOf(r)
	if err != nil {
		return err
	}
	v, err := a.visit(r)
	if err != nil {
		return err
	}
	below := v.talk(l, order, commentPage)
	p, err := v.articlePage(l, below.read())
	if err != nil {
		return err
	}
	if p.Comments, err = below.shown(); err != nil {
		return err
	}
	if commentPage > 1 || order != comment.Oldest {
		p.Robots = "noindex"
	} else if !p.Static {
		v.readLive(&p, l)
	}
	v.public(w, slices.Concat(articleTags(l), p.near, []string{commentsTag(l.ID)})...)
	if at := below.policy.ClosesAt(); at.After(v.Now()) {
		page.FreshUntil(w, at)
	}
	p.Beacon = v.is.ReadsBy == settings.ReadsByBeacon && commentPage == 1
	if v.is.ReadsBy == settings.ReadsByServer && commentPage == 1 && order == comment.Oldest {
		page.CountRead(w, l.ID)
	}
	return a.tmpl.article.Write(w, r, http.StatusOK, p)
}

// articleTags are what an article's page is made of.
func articleTags(l *article.Live) []string {
	tags := []string{articleTag(l.ID)}
	if l.Content.Category != nil {
		tags = append(tags, categoryTag(l.Content.Category.ID))
	}
	for _, b := range l.Content.Bylines {
		if b.Author != 0 {
			tags = append(tags, authorTag(b.Author))
		}
	}
	return tags
}

func (a *articles) commentPage(w http.ResponseWriter, r *http.Request, l *article.Live, n string) error {
	at, err := number(n)
	if err != nil {
		return err
	}
	return a.show(w, r, l, at)
}

// orderOf reads in which order comments are asked for.
func orderOf(r *http.Request) (comment.Order, error) {
	q, err := page.Query(r)
	if err != nil {
		return "", err
	}
	asked := q.Text("comments")
	if asked == "" {
		return comment.Oldest, nil
	}
	order, ok := comment.ParseOrder(asked)
	if !ok {
		return "", page.ErrMalformed
	}
	return order, nil
}

// version is the article as row n of its record had it.
func (a *articles) version(w http.ResponseWriter, r *http.Request, now *article.Live, n string) error {
	at, err := number(n)
	if err != nil {
		return err
	}
	l, err := a.Articles.LiveVersion(r.Context(), now.ID, at)
	if err != nil {
		return err
	}
	v, err := a.visit(r)
	if err != nil {
		return err
	}
	p, err := v.articlePage(l)
	if err != nil {
		return err
	}
	p.Title = page.T("old.title", p.Title, at)
	p.Robots, p.Data, p.Card, p.More, p.Turn, p.Stands = "noindex", nil, nil, nil, nil, nil
	p.Old = &oldVersion{Number: at, Current: href(now.Path), History: below(now.Path, "history")}
	for i := range now.Record {
		row := &now.Record[i]
		switch row.Number {
		case at:
			p.Old.From = v.clock.DateTime(row.At())
		case at + 1:
			p.Old.Until = v.clock.DateTime(row.At())
		}
	}
	tags := []string{articleTag(l.ID)}
	for _, b := range l.Content.Bylines {
		if b.Author != 0 {
			tags = append(tags, authorTag(b.Author))
		}
	}
	v.public(w, tags...)
	return a.tmpl.article.Write(w, r, http.StatusOK, p)
}

// noticePictures reads the pictures of an article's notices.
func (v *visit) noticePictures(l *article.Live) (pictures, error) {
	return v.pictures(noticeMedia(l)...)
}

func noticeMedia(l *article.Live) []int64 {
	var blocks []markup.Block
	for _, n := range l.Notices() {
		blocks = append(blocks, markup.Block{HTML: n.HTML})
	}
	return markup.MediaIDs(blocks)
}

// edit sends staff from an address to its editor; readers' pages carry no link to it.
func (a *articles) edit(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	page.Private(w)
	return redirect(w, r, "/newsroom/articles/"+strconv.FormatInt(l.ID, 10), http.StatusSeeOther)
}
