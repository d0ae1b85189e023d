package site

import (
	"net/url"
	"slices"

	"stet/internal/address"
	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/page"
	"stet/internal/postgres"
)

// moreStories is how many stories stand below an article.
const moreStories = 4

// turn leads to the articles before and after one in its category.
type turn struct {
	Section page.Link
	Earlier *story
	Later   *story
}

// neighbours reads what stands around an article.
func (v *visit) neighbours(l *article.Live, category int64, out *article.Neighbours) postgres.Read {
	return v.Articles.LiveNeighbours(article.NeighboursIn{ID: l.ID, Category: category, Section: v.tree.Subtree(category), At: published(l), Each: moreStories}, out)
}

// onward fills what leads on from an article: the related ones, or more of its section, and the one before and after it.
func (v *visit) onward(p *articlePage, category int64, n article.Neighbours, ps pictures) {
	c, ok := v.tree.ByID(category)
	switch {
	case len(n.Related) > 0:
		p.More = &band{ID: "more", Title: page.Link{Text: page.T("related")}, Within: v.topics(category)}
	case ok && len(n.Newest) > 0:
		p.More = &band{ID: "more", Title: page.Link{URL: href(c.Path), Text: page.T("more", c.Name)}, Within: v.topics(category)}
	}
	for _, cards := range [][]article.Card{n.Related, n.Newest} {
		for i := range cards {
			p.More.Stories = append(p.More.Stories, v.title(&cards[i], ps))
		}
	}
	if !ok || n.Previous == nil && n.Next == nil {
		return
	}
	p.Turn = &turn{Section: page.Link{URL: href(c.Path), Text: c.Name}}
	if n.Previous != nil {
		s := v.title(n.Previous, nil)
		p.Turn.Earlier = &s
	}
	if n.Next != nil {
		s := v.title(n.Next, nil)
		p.Turn.Later = &s
	}
}

// title is a story of which only headline and picture are shown.
func (v *visit) title(c *article.Card, ps pictures) story {
	s := v.story(c, ps)
	s.Standfirst, s.Kicker, s.Marks, s.Byline, s.Comments = "", nil, nil, "", 0
	return s
}

// topics are the categories below an article's, or where there are none those beside it.
func (v *visit) topics(category int64) []page.Link {
	below := v.tree.Children(category)
	if c, ok := v.tree.ByID(category); ok && len(below) == 0 && c.ParentID != 0 {
		below = v.tree.Children(c.ParentID)
	}
	var out []page.Link
	for _, c := range below {
		if c.ID != category {
			out = append(out, page.Link{URL: href(c.Path), Text: c.Name})
		}
	}
	return out
}

// trail leads from the first category above an article down to its own, which is the line above the headline.
func (v *visit) trail(c *article.Content, home *tongue) []page.Link {
	var at int64
	if c.Category != nil {
		at = c.Category.ID
	}
	own := v.kicker(c.Kicker, at)
	if own == nil {
		return nil
	}
	var lang string
	if home != nil {
		lang = home.Lang // names of categories are the site's
	}
	var out []page.Link
	for _, above := range v.tree.Trail(at) {
		if above.ID != at {
			out = append(out, page.Link{URL: href(above.Path), Text: above.Name, Lang: lang})
		}
	}
	if c.Kicker == "" {
		own.Lang = lang
	}
	return append(out, *own)
}

// readingTime is how long a text takes; nothing for what is read in less than a minute.
func readingTime(length markup.Length) string {
	minutes := length.Minutes()
	if minutes == 0 {
		return ""
	}
	return page.N("reading", minutes)
}

// share is how an article is passed on: links that need no script and load nothing.
type share struct {
	// Self is the article's own address, which a script copies.
	Self          string
	Links, Others []page.Link
}

func (v *visit) share(l *article.Live) *share {
	at, title := v.abs(l.Path), l.Content.Headline
	q, both := url.QueryEscape, url.QueryEscape(title+" "+at)
	return &share{Self: at,
		Links: []page.Link{
			{URL: "mailto:?subject=" + url.PathEscape(title) + "&body=" + url.PathEscape(at), Text: page.T("share.mail")},
			{URL: "https://share.joinmastodon.org/#text=" + url.PathEscape(title+" "+at), Text: "Mastodon"},
			{URL: "https://bsky.app/intent/compose?text=" + both, Text: "Bluesky"},
			{URL: "https://www.linkedin.com/sharing/share-offsite/?url=" + q(at), Text: "LinkedIn"},
		},
		Others: []page.Link{
			{URL: "https://www.facebook.com/sharer/sharer.php?u=" + q(at), Text: "Facebook"},
			{URL: "https://www.reddit.com/submit?url=" + q(at) + "&title=" + q(title), Text: "Reddit"},
			{URL: "https://t.me/share/url?url=" + q(at) + "&text=" + q(title), Text: "Telegram"},
			{URL: "https://wa.me/?text=" + both, Text: "WhatsApp"},
			{URL: "https://x.com/intent/post?text=" + q(title) + "&url=" + q(at), Text: "X"},
		}}
}

// neighbourTags are those of the articles that a page leads on to.
func neighbourTags(n article.Neighbours) []string {
	cards := slices.Concat(n.Related, n.Newest)
	for _, c := range []*article.Card{n.Previous, n.Next} {
		if c != nil {
			cards = append(cards, *c)
		}
	}
	return cardTags(cards)
}

// cardTags are the addresses of the articles that a page leads to: it is made anew when one of them is changed, moved or taken away, but not
// for each of their comments.
func cardTags(lists ...[]article.Card) []string {
	var tags []string
	for _, cards := range lists {
		for i := range cards {
			tags = append(tags, address.Tag(cards[i].Path))
		}
	}
	return tags
}
