package seed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/comment"
	"stet/internal/fault"
)

// hand is one worker with a clock of its own.
type hand struct {
	*sowing
	articles article.Store
	comments comment.Store
	clock    time.Time
}

func newHand(s *sowing) *hand {
	h := &hand{sowing: s, articles: *s.Newsroom.Articles, comments: *s.Newsroom.Comments}
	now := func() time.Time { return h.clock }
	h.articles.Now, h.comments.Now = now, now
	return h
}

// sown is an article that is public.
type sown struct {
	id    int64
	head  int
	draft article.Draft
	at    time.Time
}

// sow makes one article, what was changed of it since, and its comments.
func (h *hand) sow(ctx context.Context, i int) error {
	r := h.random(forArticle, i)
	language := h.languages[0]
	if r.IntN(100) >= 92 {
		language = h.languages[1+r.IntN(len(h.languages)-1)]
	}
	w := language.writer(r)
	// The newest one is an hour old.
	at := h.now.Add(-time.Hour - past + time.Duration((float64(i)+r.Float64())/float64(h.Options.Articles)*float64(past)))
	a, err := h.publish(ctx, h.draft(w, i), at)
	if err != nil {
		return err
	}
	h.count(1)
	if err := h.discuss(ctx, a, i); err != nil {
		return err
	}
	return h.change(ctx, w, a)
}

// publish writes an article and makes it public at that time.
func (h *hand) publish(ctx context.Context, d article.Draft, at time.Time) (a sown, err error) {
	h.clock = at.Add(-time.Hour)
	a = sown{at: at, draft: d}
	if a.id, err = h.articles.Create(ctx, h.actor, article.KindArticle, ""); err != nil {
		return a, err
	}
	if err := h.save(ctx, &a, 1); err != nil {
		return a, err
	}
	h.clock = at
	_, err = h.articles.Publish(ctx, h.actor, a.id, article.PublishIn{Revision: a.head})
	return a, err
}

func (h *hand) save(ctx context.Context, a *sown, base int) error {
	saved, err := h.articles.Save(ctx, h.actor, a.id, article.SaveIn{Draft: a.draft, Base: base})
	a.head = saved.Number
	return err
}

// draft is the ith article.
func (h *hand) draft(w *writer, i int) article.Draft {
	d := article.Draft{Headline: w.phrase(w.between(4, 10)), Standfirst: w.sentences(1), Language: w.tag, Body: w.body(w.between(200, 1000)),
		Label: article.Labels[w.r.IntN(4)]}
	if w.chance(60) {
		d.Kicker = w.phrase(w.between(1, 3))
	}
	for range w.between(0, 5) {
		// The tags are some hundred words, a few of them on very many articles.
		d.Tags = append(d.Tags, title(w.words[200+w.zipf.Uint64()%500]))
	}
	if len(h.sections) > 0 {
		d.Category = h.sections[w.r.IntN(len(h.sections))]
		for range w.between(0, 2) {
			d.Also = append(d.Also, h.sections[w.r.IntN(len(h.sections))])
		}
	}
	if len(h.names) > 0 {
		d.Authors = []string{h.names[w.r.IntN(len(h.names))]}
	}
	if len(h.texts) > 0 {
		h.texts[i%len(h.texts)].borrow(&d)
	}
	if len(h.pictures) > 0 && w.chance(70) {
		p := h.pictures[w.r.IntN(len(h.pictures))]
		d.Image, d.ImageAlt, d.ImageCaption, d.ImageCredit = p.ID, p.Alt, p.Caption, p.Credit
	}
	return d
}

// change adds to some articles what newsrooms add: updates, corrections of the text, now and then a retraction.
func (h *hand) change(ctx context.Context, w *writer, a sown) error {
	h.clock = h.clock.Add(time.Minute)
	notice := "<p>" + w.sentences(w.between(1, 3)) + "</p>"
	switch n := w.r.IntN(1000); {
	case n < 120:
		_, err := h.articles.Append(ctx, h.actor, a.id, article.NoticeIn{Kind: article.Update, Notice: notice, Pinned: w.chance(10)})
		return err
	case n < 180:
		a.draft.Body = strings.Replace(a.draft.Body, "</p>", " "+w.sentences(1)+"</p>", 1)
		if err := h.save(ctx, &a, a.head); err != nil {
			return err
		}
		_, err := h.articles.Publish(ctx, h.actor, a.id, article.PublishIn{Revision: a.head, Kind: article.Correction, Notice: notice})
		return err
	case n < 183:
		return h.articles.Retract(ctx, h.actor, a.id, notice)
	}
	return nil
}

// round is how many comments come in before they are decided on together.
const round = 200

// discuss posts the article's comments, denser at first, and approves them round by round, so that later ones can answer earlier ones.
func (h *hand) discuss(ctx context.Context, a sown, i int) error {
	total := h.threads[i]
	w := h.languages[0].writer(h.random(forComments, i))
	span := min(10*24*time.Hour, h.now.Sub(a.at)-10*time.Minute)
	var approved []int64
	for n := 0; n < total; {
		size := min(round, (total-n+1)/2)
		for range size {
			n++
			part := float64(n) / float64(total)
			h.clock = a.at.Add(time.Minute + time.Duration(part*part*float64(span)))
			if err := h.post(ctx, w, a, approved, fmt.Sprintf("%d-%d", i, n)); err != nil {
				return err
			}
		}
		ids, err := h.approve(ctx, a.id)
		if err != nil {
			return err
		}
		approved = append(approved, ids...)
		h.count(size)
	}
	return nil
}

// post sends one comment, two in five as an answer. Somebody who is too fast is replaced by somebody new.
func (h *hand) post(ctx context.Context, w *writer, a sown, approved []int64, unique string) error {
	in := comment.In{ArticleID: a.id, Name: w.name(), Email: fmt.Sprintf("reader-%d@readers.example", w.r.IntN(1+h.Options.Comments/5)), Body: w.sentences(w.between(1, 8)), Version: 1}
	if len(approved) > 0 && w.chance(40) {
		in.Parent = approved[w.r.IntN(len(approved))]
	}
	_, err := h.comments.Post(ctx, in)
	var fast *fault.TooMany
	if errors.As(err, &fast) {
		in.Email = "reader-" + unique + "@readers.example"
		_, err = h.comments.Post(ctx, in)
	}
	return err
}

// approve approves all that waits under the article.
func (h *hand) approve(ctx context.Context, id int64) ([]int64, error) {
	items, _, err := h.comments.Queue(ctx, h.actor, comment.Filter{ArticleID: id, Limit: round})
	if err != nil {
		return nil, err
	}
	picks := make([]comment.Pick, len(items))
	for i := range items {
		picks[i] = items[i].Pick()
	}
	done, failed, err := h.comments.Bulk(ctx, h.actor, picks, comment.Approve, "")
	for _, why := range failed {
		err = errors.Join(err, why)
	}
	return done, err
}
