package seed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/comment"
)

// batch is how many articles are made together.
const batch = 250

// crowd is how many comments are loaded together, whole discussions all the same.
const crowd = 5000

// related is for how many of the newest articles related ones are found: what everybody reads. It takes a site an hour to do it for a million.
const related = 1000

// hand is one worker.
type hand struct {
	*sowing
	said []comment.Loaded
}

// sow makes the articles from the ith on, what was changed of them since, and their comments.
func (h *hand) sow(ctx context.Context, from, to int) error {
	var in []article.Loaded
	for i := from; i < to; i++ {
		in = append(in, h.article(i))
	}
	ids, err := h.Newsroom.Articles.Load(ctx, h.actor, in)
	if err != nil {
		return err
	}
	h.count(len(in))
	for n, id := range ids {
		h.discuss(id, in[n].At, from+n)
		if len(h.said) >= crowd {
			if err := h.say(ctx); err != nil {
				return err
			}
		}
	}
	if err := h.say(ctx); err != nil {
		return err
	}
	_, err = h.Newsroom.Articles.Sequence(ctx)
	return err
}

func (h *hand) say(ctx context.Context) error {
	err := h.Newsroom.Comments.Load(ctx, h.actor, h.said)
	h.count(len(h.said))
	h.said = h.said[:0]
	return err
}

// article is the ith, with what newsrooms add to some: updates, corrections of the text, now and then a retraction.
func (h *hand) article(i int) article.Loaded {
	r := h.random(forArticle, i)
	language := h.languages[0]
	if r.IntN(100) >= 92 {
		language = h.languages[1+r.IntN(len(h.languages)-1)]
	}
	w := language.writer(r)
	// The newest one is an hour old.
	a := article.Loaded{At: h.now.Add(-time.Hour - past + time.Duration((float64(i)+r.Float64())/float64(h.Options.Articles)*float64(past))),
		Relate: i >= h.Options.Articles-related}
	a.Draft = h.draft(w, i)
	later := article.Later{At: a.At.Add(time.Minute), Notice: "<p>" + w.sentences(w.between(1, 3)) + "</p>"}
	switch n := w.r.IntN(1000); {
	case n < 120:
		later.Kind, later.Pinned = article.Update, w.chance(10)
	case n < 180:
		later.Kind, later.Body = article.Correction, strings.Replace(a.Body, "</p>", " "+w.sentences(1)+"</p>", 1)
	case n < 183:
		later.Kind = article.Retraction
	default:
		return a
	}
	a.Later = append(a.Later, later)
	return a
}

// draft is the ith article.
func (h *hand) draft(w *writer, i int) article.Draft {
	d := article.Draft{Headline: w.phrase(w.between(4, 10)), Standfirst: w.sentences(1), Language: w.tag, Body: w.body(w.between(h.least, h.most)),
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

// discuss adds the article's comments, denser at first. Two in five answer one of those before.
func (h *hand) discuss(id int64, published time.Time, i int) {
	total, first := h.threads[i], len(h.said)
	w := h.languages[0].writer(h.random(forComments, i))
	from, readers := h.readers(i)
	span := min(10*24*time.Hour, h.now.Sub(published)-10*time.Minute)
	for n := range total {
		part := float64(n+1) / float64(total)
		c := comment.Loaded{ArticleID: id, Name: w.name(), Email: fmt.Sprintf("reader-%d@readers.example", from+w.r.IntN(readers)),
			Body: w.sentences(w.between(1, h.talk)), Version: 1, At: published.Add(time.Minute + time.Duration(part*part*float64(span)))}
		if n > 0 && w.chance(40) {
			c.Parent = first + 1 + w.r.IntN(n)
		}
		h.said = append(h.said, c)
	}
}

// readers are those who write under the ith article: the number of the first, and how many. There is one for every five comments; where there
// are very many, each writes for half a year of the ten.
func (h *hand) readers(i int) (first, n int) {
	all := 1 + h.Options.Comments/5
	n = max(all/20, min(all, 1000))
	return int(float64(all-n) * float64(i) / float64(h.Options.Articles)), n
}
