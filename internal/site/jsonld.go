package site

import (
	"strings"

	"stet/internal/author"
	"stet/internal/page"
)

// Structured data, after schema.org. Field order is the order of the output. A page that is kept out of indexes shows none: its
// layout leaves it out.

const schema = "https://schema.org"

type ldPerson struct {
	Context     string   `json:"@context,omitempty"`
	Type        string   `json:"@type"`
	ID          string   `json:"@id,omitempty"`
	Name        string   `json:"name"`
	URL         string   `json:"url,omitempty"`
	JobTitle    string   `json:"jobTitle,omitempty"`
	Description string   `json:"description,omitempty"`
	Image       string   `json:"image,omitempty"`
	SameAs      []string `json:"sameAs,omitempty"`
}

type ldOrganisation struct {
	Context     string   `json:"@context,omitempty"`
	Type        string   `json:"@type"`
	ID          string   `json:"@id"`
	Name        string   `json:"name"`
	URL         string   `json:"url"`
	Logo        *ldImage `json:"logo,omitempty"`
	Slogan      string   `json:"slogan,omitempty"`
	Description string   `json:"description,omitempty"`
	Email       string   `json:"email,omitempty"`
	Corrections string   `json:"correctionsPolicy,omitempty"`
	SameAs      []string `json:"sameAs,omitempty"`
}

// ldImage is a picture; Width and Height are lengths with their unit.
type ldImage struct {
	Type    string `json:"@type"`
	URL     string `json:"url"`
	Width   string `json:"width,omitempty"`
	Height  string `json:"height,omitempty"`
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"creditText,omitempty"`
}

// ldRef names what is described elsewhere.
type ldRef struct {
	ID string `json:"@id"`
}

// ldPage is a page as a page: the site itself, a list, a profile, a page of its own.
type ldPage struct {
	Context     string    `json:"@context,omitempty"`
	Type        string    `json:"@type"`
	ID          string    `json:"@id,omitempty"`
	Name        string    `json:"name"`
	URL         string    `json:"url"`
	Description string    `json:"description,omitempty"`
	Language    string    `json:"inLanguage,omitempty"`
	PartOf      *ldPage   `json:"isPartOf,omitempty"`
	Published   string    `json:"datePublished,omitempty"`
	Modified    string    `json:"dateModified,omitempty"`
	Publisher   any       `json:"publisher,omitempty"`
	Main        any       `json:"mainEntity,omitempty"`
	Action      *ldSearch `json:"potentialAction,omitempty"`
}

// ldSearch says how the site is searched.
type ldSearch struct {
	Type   string   `json:"@type"`
	Target ldTarget `json:"target"`
	Input  string   `json:"query-input"`
}

type ldTarget struct {
	Type     string `json:"@type"`
	Template string `json:"urlTemplate"`
}

type ldList struct {
	Context string   `json:"@context,omitempty"`
	Type    string   `json:"@type"`
	Items   []ldItem `json:"itemListElement"`
}

// ldItem is a place in a list. What stands there is named by Item in a trail, by URL in a list of pages.
type ldItem struct {
	Type     string `json:"@type"`
	Position int    `json:"position"`
	Name     string `json:"name"`
	URL      string `json:"url,omitempty"`
	Item     *ldRef `json:"item,omitempty"`
}

// publisher is who publishes the site, in the few words that an article needs.
func (v *visit) publisher() ldOrganisation {
	return ldOrganisation{Type: "NewsMediaOrganization", ID: v.base + "/#publisher", Name: v.is.Title, URL: v.base + "/", Logo: v.logo()}
}

// organisation is the publisher with all that is known of it.
func (v *visit) organisation() ldOrganisation {
	o := v.publisher()
	o.Context, o.Slogan, o.Description, o.Email, o.Corrections = schema, v.is.Motto, v.is.Description, v.is.ContactEmail, v.abs("/corrections/")
	for _, l := range v.is.Social {
		o.SameAs = append(o.SameAs, l.URL)
	}
	return o
}

// logo is a picture that stands for the site.
func (v *visit) logo() *ldImage {
	if l := v.nameplate(); l != nil {
		return &ldImage{Type: "ImageObject", URL: v.base + l.Src, Width: inPixels(l.Width), Height: inPixels(l.Height)}
	}
	if v.Assets == nil {
		return nil
	}
	return &ldImage{Type: "ImageObject", URL: v.base + v.Assets.Path("icon.svg")}
}

// website is the site as a whole, with the way to search it.
func (v *visit) website() ldPage {
	w := *v.site()
	w.Context, w.Description, w.Language = schema, v.is.Description, v.is.Language
	w.Publisher = ldRef{v.base + "/#publisher"}
	w.Action = &ldSearch{Type: "SearchAction", Target: ldTarget{"EntryPoint", v.base + "/search?q={words}"}, Input: "required name=words"}
	return w
}

// site names the site that a page is part of.
func (v *visit) site() *ldPage {
	return &ldPage{Type: "WebSite", ID: v.base + "/#site", Name: v.is.Title, URL: v.base + "/"}
}

func (v *visit) person(a author.Author, portrait *image) ldPerson {
	p := ldPerson{Type: "Person", ID: v.abs(a.Path()) + "#person", Name: a.Name, URL: v.abs(a.Path()), JobTitle: a.Role, Description: excerpt(plainText(a.Biography), 300)}
	for _, l := range a.Links {
		if strings.HasPrefix(l.URL, "http") { // an address for mail is no page about them
			p.SameAs = append(p.SameAs, l.URL)
		}
	}
	if portrait != nil {
		p.Image = v.base + portrait.Src
	}
	return p
}

// profile is the page of an author.
func (v *visit) profile(a author.Author, portrait *image) ldPage {
	return ldPage{Context: schema, Type: "ProfilePage", Name: a.Name, URL: v.abs(a.Path()), Language: v.is.Language, PartOf: v.site(), Main: v.person(a, portrait)}
}

// collection is a list of articles.
func (v *visit) collection(p *listPage) ldPage {
	c := ldPage{Context: schema, Type: "CollectionPage", Name: p.Heading, URL: p.Canonical, Description: p.Description, Language: v.is.Language, PartOf: v.site()}
	if stories := append(p.stories(), p.Rows...); len(stories) > 0 {
		list := ldList{Type: "ItemList"}
		for i, s := range stories {
			list.Items = append(list.Items, ldItem{Type: "ListItem", Position: i + 1, Name: s.Headline, URL: v.base + s.URL})
		}
		c.Main = list
	}
	return c
}

// crumbs lead from the front through the categories above and with the one given to last, which may be empty.
func (v *visit) crumbs(category int64, last page.Link) ldList {
	out := ldList{Context: schema, Type: "BreadcrumbList"}
	add := func(name, path string) {
		out.Items = append(out.Items, ldItem{Type: "ListItem", Position: len(out.Items) + 1, Name: name, Item: &ldRef{v.abs(path)}})
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
