package card

import (
	"fmt"
	"html"
	"net/url"
	"strings"

	"stet/internal/markup"
)

// full is the card of a page: its picture where there is one, the link with title, author and site, and its text.
func full(u *url.URL, p page, picture int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<figure class="embed" lang="%s" dir="auto">`, html.EscapeString(p.lang))
	if picture != 0 {
		fmt.Fprintf(&b, `<img data-media="%d" alt="%s">`, picture, html.EscapeString(p.alt))
	}
	from := p.site
	if p.author != "" {
		from = p.author + " · " + p.site
	}
	b.WriteString(link(u, p.title, from))
	if p.text != "" {
		b.WriteString("<p>" + html.EscapeString(p.text) + "</p>")
	}
	b.WriteString("</figure>")
	return b.String()
}

// plain is the card of a page of which nothing is known but its address.
func plain(u *url.URL) string {
	return link(u, line(bareHost(u)+strings.TrimSuffix(u.Path, "/"), maxName), bareHost(u))
}

func link(u *url.URL, title, from string) string {
	return fmt.Sprintf(`<p class="embed"><a href="%s"><strong>%s</strong> <span>%s</span></a></p>`, html.EscapeString(u.String()), html.EscapeString(title), html.EscapeString(from))
}

// settle gives the card the form in which an article keeps it.
func settle(card string) string { return markup.Join(markup.Article(card)) }
