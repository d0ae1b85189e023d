package site

import (
	"strconv"
	"time"

	"stet/internal/article"
	"stet/internal/page"
)

func articleTag(id int64) string { return "article:" + strconv.FormatInt(id, 10) }

// commentsTag is that of pages which show an article's comments: its record and its versions stay when somebody comments.
func commentsTag(id int64) string { return "comments:" + strconv.FormatInt(id, 10) }

// story is a card as a band or the opening shows it.
func (v *visit) story(c *article.Card, ps pictures) story { return v.storyAt(c, ps, inStory) }

// storyAt is a card with its picture as it is drawn there.
func (v *visit) storyAt(c *article.Card, ps pictures, at spot) story {
	s := story{URL: href(c.Path), Headline: c.Headline, Standfirst: c.Standfirst, Byline: c.Byline, At: v.clock.Short(c.FirstPublicAt), Comments: c.Comments,
		Kicker: v.kicker(c.Kicker, c.CategoryID), Label: labelText(c.Label), Live: c.Live, Marks: v.marks(c), Image: ps.image(c.ImageID, c.ImageAlt, at)}
	s.Tongue, s.Home = v.foreign(c.Language)
	return s
}

// row is a card as a list shows it, with its time in the margin.
func (v *visit) row(c *article.Card, ps pictures) story {
	s := v.storyAt(c, ps, inRow)
	s.At = v.clock.When(c.FirstPublicAt)
	return s
}

func (v *visit) rows(cards []article.Card, ps pictures) []story {
	out := make([]story, len(cards))
	for i := range cards {
		out[i] = v.row(&cards[i], ps)
	}
	return out
}

// kicker is the line above a headline: its own words, or the category's name, leading to the category.
func (v *visit) kicker(own string, category int64) *page.Link {
	c, ok := v.tree.ByID(category)
	switch {
	case !ok && own == "":
		return nil
	case !ok:
		return &page.Link{Text: own}
	case own == "":
		own = c.Name
	}
	return &page.Link{URL: href(c.Path), Text: own}
}

// labelText is what kind of text it is, in a word; news needs none.
func labelText(l string) string {
	if l == "" || l == "news" {
		return ""
	}
	return page.T("label." + l)
}

// marks say what was added to an article last.
func (v *visit) marks(c *article.Card) []label {
	if c.NoticeKind == "" || c.NoticeAt == nil {
		return nil
	}
	return []label{v.mark(c.NoticeKind, c.Path, c.NoticeNumber, *c.NoticeAt)}
}

// mark is a notice's kind in a participle, with its time: "Updated 11:30".
func (v *visit) mark(kind, path string, number int, at time.Time) label {
	l := label{Kind: kind, URL: href(path) + anchor(number), Text: page.T("mark." + kind)}
	if kind == article.Update || kind == article.Correction || kind == article.Clarification {
		l.At = v.clock.Short(at)
	}
	return l
}

func anchor(number int) string { return "#update-" + strconv.Itoa(number) }

// kind is what a row of the record is called.
func kind(k string) string { return page.T("kind." + k) }
