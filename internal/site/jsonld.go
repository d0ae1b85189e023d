package site

import (
	"time"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/markup"
	"stet/internal/page"
)

// Structured data, after schema.org. Field order is the order of the output.

const schema = "https://schema.org"

type ldThing struct {
	Context string   `json:"@context,omitempty"`
	Type    string   `json:"@type"`
	ID      string   `json:"@id,omitempty"`
	Name    string   `json:"name,omitempty"`
	URL     string   `json:"url,omitempty"`
	SameAs  []string `json:"sameAs,omitempty"`
	// JobTitle, Description and Image are a person's.
	JobTitle    string `json:"jobTitle,omitempty"`
	Description string `json:"description,omitempty"`
	Image       string `json:"image,omitempty"`
}

type ldImage struct {
	Type    string `json:"@type"`
	URL     string `json:"url"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"creditText,omitempty"`
}

type ldCorrection struct {
	Type string `json:"@type"`
	Text string `json:"text"`
	Date string `json:"datePublished"`
	URL  string `json:"url"`
}

type ldArticle struct {
	Context     string         `json:"@context"`
	Type        string         `json:"@type"`
	ID          string         `json:"@id"`
	URL         string         `json:"url"`
	Headline    string         `json:"headline"`
	Description string         `json:"description,omitempty"`
	Language    string         `json:"inLanguage,omitempty"`
	Published   string         `json:"datePublished"`
	Modified    string         `json:"dateModified"`
	Version     int            `json:"version"`
	Section     string         `json:"articleSection,omitempty"`
	Keywords    []string       `json:"keywords,omitempty"`
	Dateline    string         `json:"dateline,omitempty"`
	Image       *ldImage       `json:"image,omitempty"`
	Authors     []ldThing      `json:"author,omitempty"`
	Publisher   ldThing        `json:"publisher"`
	Comments    int            `json:"commentCount"`
	Corrections []ldCorrection `json:"correction,omitempty"`
	Free        bool           `json:"isAccessibleForFree"`
}

type ldCrumbs struct {
	Context string    `json:"@context"`
	Type    string    `json:"@type"`
	Items   []ldCrumb `json:"itemListElement"`
}

type ldCrumb struct {
	Type     string `json:"@type"`
	Position int    `json:"position"`
	Name     string `json:"name"`
	Item     string `json:"item"`
}

func (v *visit) organisation() ldThing {
	o := ldThing{Context: schema, Type: "NewsMediaOrganization", ID: v.base + "/#publisher", Name: v.is.Title, URL: v.base + "/", Description: v.is.Description}
	for _, l := range v.is.Social {
		o.SameAs = append(o.SameAs, l.URL)
	}
	return o
}

func (v *visit) person(a author.Author, portrait *image) ldThing {
	p := ldThing{Context: schema, Type: "Person", ID: v.abs(a.Path()) + "#person", Name: a.Name, URL: v.abs(a.Path()), JobTitle: a.Role}
	for _, l := range a.Links {
		p.SameAs = append(p.SameAs, l.URL)
	}
	if portrait != nil {
		p.Image = v.base + portrait.Src
	}
	return p
}

// newsArticle describes an article with every correction its record holds.
func (v *visit) newsArticle(l *article.Live, lead *picture) ldArticle {
	c := &l.Content
	a := ldArticle{Context: schema, Type: articleType(c.Label), ID: v.abs(l.Path) + "#article", URL: v.abs(l.Path), Headline: c.Headline, Description: c.Standfirst,
		Language: c.Language, Published: published(l).Format(time.RFC3339), Version: l.Number, Keywords: c.Tags, Dateline: c.Dateline,
		Publisher: ldThing{Type: "NewsMediaOrganization", ID: v.base + "/#publisher", Name: v.is.Title, URL: v.base + "/"}, Comments: l.CommentCount, Free: true}
	a.Modified = a.Published
	if l.UpdatedAt != nil {
		a.Modified = l.UpdatedAt.Format(time.RFC3339)
	}
	if c.Category != nil {
		if cat, ok := v.tree.ByID(c.Category.ID); ok {
			a.Section = cat.Name
		}
	}
	if lead != nil {
		a.Image = &ldImage{Type: "ImageObject", URL: v.base + lead.Image.Src, Width: lead.Image.Width, Height: lead.Image.Height, Caption: lead.Caption, Credit: lead.Credit}
	}
	for _, b := range c.Bylines {
		t := ldThing{Type: "Person", Name: b.Text}
		if b.Slug != "" {
			t.URL = v.abs(authorPath(b.Slug))
			t.ID = t.URL + "#person"
		}
		a.Authors = append(a.Authors, t)
	}
	for _, n := range l.Notices() {
		if n.Kind == article.Correction || n.Kind == article.Clarification || n.Kind == article.Retraction {
			a.Corrections = append(a.Corrections, ldCorrection{Type: "CorrectionComment", Text: markup.Text(n.HTML), Date: n.At.Format(time.RFC3339),
				URL: v.abs(l.Path) + anchor(n.Number)})
		}
	}
	return a
}

func articleType(label string) string {
	switch label {
	case "analysis":
		return "AnalysisNewsArticle"
	case "opinion":
		return "OpinionNewsArticle"
	case "sponsored":
		return "AdvertiserContentArticle"
	}
	return "NewsArticle"
}

// crumbs lead from the front through the categories above and with the one given to last, which may be empty.
func (v *visit) crumbs(category int64, last page.Link) ldCrumbs {
	out := ldCrumbs{Context: schema, Type: "BreadcrumbList"}
	add := func(name, path string) {
		out.Items = append(out.Items, ldCrumb{"ListItem", len(out.Items) + 1, name, v.abs(path)})
	}
	add(v.is.Title, "/")
	for _, c := range v.tree.Trail(category) {
		add(c.Name, c.Path)
	}
	if last.Text != "" {
		add(last.Text, last.URL)
	}
	return out
}

func authorPath(slug string) string { return "/author/" + slug + "/" }

// plainText is stored HTML as one text.
func plainText(html string) string { return markup.Text(html) }
