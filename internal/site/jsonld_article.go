package site

import (
	"slices"
	"strconv"
	"time"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/markup"
	"stet/internal/media"
)

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
	Status      string         `json:"creativeWorkStatus,omitempty"`
	Section     string         `json:"articleSection,omitempty"`
	Keywords    []string       `json:"keywords,omitempty"`
	Dateline    string         `json:"dateline,omitempty"`
	Words       int            `json:"wordCount,omitempty"`
	Images      []ldImage      `json:"image,omitempty"`
	Authors     []any          `json:"author"`
	Publisher   ldOrganisation `json:"publisher"`
	PartOf      *ldPage        `json:"isPartOf"`
	Comments    int            `json:"commentCount"`
	Discussion  string         `json:"discussionUrl,omitempty"`
	Corrections []ldCorrection `json:"correction,omitempty"`
	Free        bool           `json:"isAccessibleForFree"`
	From        string         `json:"coverageStartTime,omitempty"`
	Updates     []ldUpdate     `json:"liveBlogUpdate,omitempty"`
}

type ldCorrection struct {
	Type string `json:"@type"`
	Text string `json:"text"`
	Date string `json:"datePublished"`
	URL  string `json:"url"`
}

// ldUpdate is an update of an article that is written while it is read.
type ldUpdate struct {
	Type      string `json:"@type"`
	ID        string `json:"@id"`
	URL       string `json:"url"`
	Headline  string `json:"headline"`
	Published string `json:"datePublished"`
	Modified  string `json:"dateModified,omitempty"`
	Body      string `json:"articleBody"`
}

// newsArticle describes an article of that length with every correction its record holds. authors are those of the bylines that have a profile;
// images show its lead picture, the one that readers see first.
func (v *visit) newsArticle(l *article.Live, authors []author.Author, images []ldImage, length markup.Length) ldArticle {
	c := &l.Content
	a := ldArticle{Context: schema, Type: articleType(l), ID: v.abs(l.Path) + "#article", URL: v.abs(l.Path), Headline: c.Headline, Description: c.Standfirst,
		Language: c.Language, Published: stamp(published(l)), Version: l.Number, Keywords: c.Tags, Words: length.Words(), Images: images,
		Authors: v.ldAuthors(c.Bylines, authors), Publisher: v.publisher(), PartOf: v.site(), Comments: l.CommentCount, Free: true}
	a.Modified = a.Published
	if l.UpdatedAt != nil {
		a.Modified = stamp(*l.UpdatedAt)
	}
	if l.State == article.Retracted {
		a.Status = "Retracted"
	}
	if a.Comments > 0 {
		a.Discussion = v.abs(l.Path) + "#comments"
	}
	if c.Category != nil {
		if cat, ok := v.tree.ByID(c.Category.ID); ok {
			a.Section = cat.Name
		}
	}
	switch a.Type {
	case liveType:
		v.liveBlog(&a, l)
	case sponsoredType: // has no dateline
	default:
		a.Dateline = c.Dateline
	}
	a.Corrections = v.ldCorrections(l)
	return a
}

// Types that are told apart further down.
const (
	liveType      = "LiveBlogPosting"
	sponsoredType = "AdvertiserContentArticle"
)

func articleType(l *article.Live) string {
	if l.LiveMode {
		return liveType
	}
	switch l.Content.Label {
	case "analysis":
		return "AnalysisNewsArticle"
	case "opinion":
		return "OpinionNewsArticle"
	case "sponsored":
		return sponsoredType
	}
	return "NewsArticle"
}

// stamp is a moment with its zone.
func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// ldShapes are how machines are offered a picture: as it is and in the shapes that they show.
var ldShapes = []media.Shape{"", media.Wide, media.List, media.Square}

// ldImages are the lead picture as machines are offered it.
func (v *visit) ldImages(ps pictures, lead *article.ContentImage) []ldImage {
	if lead == nil {
		return nil
	}
	var out []ldImage
	for _, shape := range ldShapes {
		m, ok := ps[lead.Media]
		p := m.Crop(shape)
		if !ok || p.Missing {
			continue
		}
		im := ldImage{Type: "ImageObject", URL: v.base + p.Src, Width: inPixels(p.Width), Height: inPixels(p.Height), Caption: lead.Caption, Credit: lead.Credit}
		if !slices.Contains(out, im) { // a shape that isn't made yet is the picture as it is
			out = append(out, im)
		}
	}
	return out
}

func inPixels(n int) string { return strconv.Itoa(n) + " px" }

// ownPage describes a static page.
func (v *visit) ownPage(l *article.Live, description string) ldPage {
	p := ldPage{Context: schema, Type: "WebPage", ID: v.abs(l.Path) + "#page", Name: l.Content.Headline, URL: v.abs(l.Path), Description: description, Language: l.Content.Language,
		PartOf: v.site(), Published: stamp(published(l)), Publisher: v.publisher()}
	if l.UpdatedAt != nil {
		p.Modified = stamp(*l.UpdatedAt)
	}
	return p
}

// ldAuthors are those who are named above the text, in their order; where nobody is, it is the publisher's own.
func (v *visit) ldAuthors(bylines []article.ContentByline, profiles []author.Author) []any {
	known := map[int64]author.Author{}
	for _, p := range profiles {
		known[p.ID] = p
	}
	var out []any
	for _, b := range bylines {
		p := ldPerson{Type: "Person"}
		switch profile, ok := known[b.Author]; {
		case ok:
			p = v.person(profile, nil)
			p.Description = ""
		case b.Slug != "":
			p.URL = v.abs(authorPath(b.Slug))
			p.ID = p.URL + "#person"
		}
		p.Name = b.Text
		out = append(out, p)
	}
	if len(out) == 0 {
		out = append(out, ldRef{v.base + "/#publisher"})
	}
	return out
}

// ldCorrections are the notices in force by which something was put right, with the text in force.
func (v *visit) ldCorrections(l *article.Live) []ldCorrection {
	var out []ldCorrection
	for _, n := range l.Notices() {
		if n.Kind == article.Correction || n.Kind == article.Clarification || n.Kind == article.Retraction {
			out = append(out, ldCorrection{Type: "CorrectionComment", Text: markup.Text(n.HTML), Date: stamp(n.At), URL: v.abs(l.Path) + anchor(n.Number)})
		}
	}
	return out
}

// liveBlog adds what an article holds that is written while it is read. That it goes on has no end yet, so none is said.
func (v *visit) liveBlog(a *ldArticle, l *article.Live) {
	a.From = a.Published
	for _, n := range l.Notices() {
		text := markup.Text(n.HTML)
		if text == "" {
			continue
		}
		u := ldUpdate{Type: "BlogPosting", URL: v.abs(l.Path) + anchor(n.Number), Headline: excerpt(noticeText(n.HTML), 110), Published: stamp(n.At), Body: text}
		u.ID = u.URL
		if n.AmendedAt != nil {
			u.Modified = stamp(*n.AmendedAt)
		}
		a.Updates = append(a.Updates, u)
	}
}

func authorPath(slug string) string { return "/author/" + slug + "/" }

// plainText is stored HTML as one text.
func plainText(html string) string { return markup.Text(html) }
