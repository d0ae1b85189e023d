package site

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"testing"

	"stet/internal/page"
)

// aDiscussion is an article's page as readers get it, with a picture, a record, an update, what leads on from it, and 30 comments.
func aDiscussion() articlePage {
	at := page.Time{ISO: "2026-06-16T09:40:00+02:00", Text: "16 June, 09:40", Title: "Tuesday, 16 June 2026, 09:40 CEST"}
	links := func(n int) (all []page.Link) {
		for i := range n {
			all = append(all, page.Link{URL: fmt.Sprintf("https://news.example/path/%d/?a=1&b=%d", i, i), Text: fmt.Sprint("A link & its words ", i)})
		}
		return all
	}
	shot := image{Src: "/media/ab/cd/lamp-960.jpg", Srcset: "/media/ab/cd/lamp-480.jpg 480w, /media/ab/cd/lamp-960.jpg 960w", Sizes: "(min-width: 60em) 40em, 100vw", Width: 960, Height: 640,
		Alt:     "The lamp at Cape Ore, seen from the water",
		Sources: []source{{Type: "image/avif", Srcset: "/media/ab/cd/lamp-480.avif 480w, /media/ab/cd/lamp-960.avif 960w", Sizes: "100vw", Width: 960, Height: 640}}}
	site := &page.Site{Name: "The Margin", Motto: "What stands", Lang: "en", Home: "https://news.example", Today: at, Changed: at, Sections: links(8), Social: links(4), Year: 2026,
		Columns: []page.Column{{Title: "The magazine", Links: links(6)}, {Title: "Sections", Links: links(8)}}}
	p := articlePage{Number: 3, Trail: links(2), Headline: "The lamp at Cape Ore", Standfirst: "Eleven seconds later another answered.", Published: at, Reading: "4 minutes", Body: template.HTML(strings.Repeat("<p>At 21:14 the lamp at Cape Ore came on.</p>\n", 100)),
		Base: page.Base{Title: "The lamp at Cape Ore", Description: "Eleven seconds later another answered.", Canonical: "https://news.example/2026/06/lamp/", Site: site,
			Feeds: []page.Feed{{Title: "All", Kind: "application/atom+xml", URL: "/feed/"}}, Card: &page.Card{Kind: "article", Title: "The lamp at Cape Ore", URL: "https://news.example/2026/06/lamp/", Authors: []string{"A. Writer"}},
			Data: []any{map[string]any{"@context": "https://schema.org", "@type": "NewsArticle", "headline": "The lamp at Cape Ore", "datePublished": at.ISO, "author": []map[string]any{{"@type": "Person", "name": "A. Writer"}}}}},
		Byline:  []bylinePart{{Before: "By ", Link: links(1)[0]}},
		Record:  &record{History: "/2026/06/lamp/history/", Rows: []recordRow{{At: at, Kind: "original", Text: "Published"}, {At: at, Kind: "update", Text: "Update", URL: "#update-2", What: "The second lamp"}}},
		Picture: &picture{Image: shot, Caption: "The lamp", Credit: "A. Painter"},
		Notices: []notice{{ID: "update-2", Kind: "update", Label: "Update", At: at, Self: "/2026/06/lamp/#update-2", Said: "Entry 2 of 2", HTML: "<p>It was answered again.</p>"}},
		Share:   &share{Self: "https://news.example/2026/06/lamp/", Links: links(4), Others: links(5)}, Tags: links(3), Report: "/2026/06/lamp/report/",
		Writers:  []writer{{Name: "A. Writer", URL: "/authors/a-writer/", Biography: "<p>Writes.</p>", Links: links(2)}},
		More:     &band{ID: "more", Title: links(1)[0]},
		Comments: &comments{Count: "30 comments", Said: "The newest first", Orders: links(3), Report: "/2026/06/lamp/report-comment/", Form: &respond{Action: "/2026/06/lamp/respond/", InPlace: true, Version: 3}}}
	for i := range 4 {
		p.More.Stories = append(p.More.Stories, story{URL: fmt.Sprintf("/2026/06/story-%d/", i), Headline: fmt.Sprint("Another story ", i), Standfirst: "What it says.", At: at, Comments: 12, Image: &shot})
	}
	for i := range 30 {
		r := &remark{ID: int64(i), Name: fmt.Sprint("Reader ", i), Initials: "R", At: at, URL: fmt.Sprintf("/2026/06/lamp/#comment-%d", i), Reply: fmt.Sprintf("/2026/06/lamp/?to=%d#respond", i), ReplyTo: fmt.Sprint("to Reader ", i),
			Report: fmt.Sprintf("/2026/06/lamp/report-comment/?c=%d", i), Body: template.HTML(fmt.Sprintf("<p>Comment %d says something of this length, as comments do.</p>", i))}
		if top := p.Comments.Thread; i%3 != 0 {
			top[len(top)-1].Replies = append(top[len(top)-1].Replies, r)
			continue
		}
		p.Comments.Thread = append(p.Comments.Thread, r)
	}
	return p
}

func BenchmarkRenderArticle(b *testing.B) {
	set, pages := testTemplates(b)
	data := aDiscussion()
	var body bytes.Buffer
	b.Run("compiled", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			body.Reset()
			if err := pages.article.Render(&body, data); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(body.Len()))
	})
	b.Run("html/template", func(b *testing.B) {
		b.ReportAllocs()
		for _, p := range set.Pages() {
			if p.Name != "site/article.html" {
				continue
			}
			for b.Loop() {
				body.Reset()
				if err := p.Template.Execute(&body, data); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(body.Len()))
		}
	})
}
