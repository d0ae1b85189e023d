package site

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"time"
)

// rss writes RSS 2.0 with full text, names of authors and its own address, as feed readers expect them.
func rss(f feed) ([]byte, error) {
	out := rssDoc{Version: "2.0", Content: "http://purl.org/rss/1.0/modules/content/", DC: "http://purl.org/dc/elements/1.1/", Atom: "http://www.w3.org/2005/Atom",
		Channel: rssChannel{Title: f.Title, Link: f.Page, Description: f.About, Language: f.Lang, Self: rssSelf{f.Self, "self", kindRSS}, Generator: "Stet", TTL: 5}}
	if !f.Updated.IsZero() {
		out.Channel.Built = f.Updated.UTC().Format(rssTime)
	}
	for _, i := range f.Items {
		item := rssItem{Title: i.Title, Link: i.URL, GUID: rssGUID{"false", i.GUID}, Published: i.Published.UTC().Format(rssTime), Authors: i.Authors,
			Categories: i.Categories, Description: asHTML.Replace(i.Summary), Content: i.HTML}
		if i.GUID == i.URL {
			item.GUID.Permanent = "true"
		}
		out.Channel.Items = append(out.Channel.Items, item)
	}
	return asXML(out)
}

// asHTML turns a text into HTML that shows it: feed readers take the description of an item for HTML, whatever it was meant to be.
var asHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

const rssTime = "Mon, 02 Jan 2006 15:04:05 +0000"

type rssDoc struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Content string     `xml:"xmlns:content,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Self        rssSelf   `xml:"atom:link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language,omitempty"`
	Built       string    `xml:"lastBuildDate,omitempty"`
	Generator   string    `xml:"generator"`
	TTL         int       `xml:"ttl"`
	Items       []rssItem `xml:"item"`
}

type rssSelf struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

type rssItem struct {
	Title       string   `xml:"title"`
	Link        string   `xml:"link"`
	GUID        rssGUID  `xml:"guid"`
	Published   string   `xml:"pubDate"`
	Authors     []string `xml:"dc:creator"`
	Categories  []string `xml:"category"`
	Description string   `xml:"description,omitempty"`
	Content     string   `xml:"content:encoded,omitempty"`
}

type rssGUID struct {
	Permanent string `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

// atom writes Atom (RFC 4287).
func atom(f feed) ([]byte, error) {
	out := atomDoc{NS: "http://www.w3.org/2005/Atom", Lang: f.Lang, Title: f.Title, Subtitle: f.About, ID: f.Page, Updated: f.Updated.UTC().Format(time.RFC3339),
		Links: []atomLink{{f.Page, "alternate", "text/html"}, {f.Self, "self", kindAtom}}, Author: atomAuthor{f.Title}, Generator: "Stet"}
	for _, i := range f.Items {
		e := atomEntry{Lang: i.Lang, Title: i.Title, ID: i.GUID, Links: []atomLink{{i.URL, "alternate", "text/html"}}, Published: i.Published.UTC().Format(time.RFC3339),
			Updated: i.Updated.UTC().Format(time.RFC3339), Summary: i.Summary, Content: atomContent{"html", i.HTML}}
		for _, a := range i.Authors {
			e.Authors = append(e.Authors, atomAuthor{a})
		}
		for _, c := range i.Categories {
			e.Categories = append(e.Categories, atomCategory{c})
		}
		out.Entries = append(out.Entries, e)
	}
	return asXML(out)
}

type atomDoc struct {
	XMLName   xml.Name    `xml:"feed"`
	NS        string      `xml:"xmlns,attr"`
	Lang      string      `xml:"xml:lang,attr,omitempty"`
	Title     string      `xml:"title"`
	Subtitle  string      `xml:"subtitle,omitempty"`
	ID        string      `xml:"id"`
	Updated   string      `xml:"updated"`
	Links     []atomLink  `xml:"link"`
	Author    atomAuthor  `xml:"author"`
	Generator string      `xml:"generator"`
	Entries   []atomEntry `xml:"entry"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

type atomEntry struct {
	Lang       string         `xml:"xml:lang,attr,omitempty"`
	Title      string         `xml:"title"`
	ID         string         `xml:"id"`
	Links      []atomLink     `xml:"link"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Authors    []atomAuthor   `xml:"author"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
	Content    atomContent    `xml:"content"`
}

// jsonFeed writes JSON Feed 1.1.
func jsonFeed(f feed) ([]byte, error) {
	out := jsonDoc{Version: "https://jsonfeed.org/version/1.1", Title: f.Title, Home: f.Page, Self: f.Self, About: f.About, Lang: f.Lang, Items: []jsonItem{}}
	for _, i := range f.Items {
		item := jsonItem{ID: i.GUID, URL: i.URL, Title: i.Title, Summary: i.Summary, HTML: i.HTML, Image: i.Image, Published: i.Published.UTC().Format(time.RFC3339),
			Modified: i.Updated.UTC().Format(time.RFC3339), Tags: i.Categories, Lang: i.Lang}
		for _, a := range i.Authors {
			item.Authors = append(item.Authors, jsonAuthor{a})
		}
		out.Items = append(out.Items, item)
	}
	return json.MarshalIndent(out, "", " ")
}

type jsonDoc struct {
	Version string     `json:"version"`
	Title   string     `json:"title"`
	Home    string     `json:"home_page_url"`
	Self    string     `json:"feed_url"`
	About   string     `json:"description,omitempty"`
	Lang    string     `json:"language,omitempty"`
	Items   []jsonItem `json:"items"`
}

type jsonItem struct {
	ID        string       `json:"id"`
	URL       string       `json:"url"`
	Title     string       `json:"title"`
	Summary   string       `json:"summary,omitempty"`
	HTML      string       `json:"content_html"`
	Image     string       `json:"image,omitempty"`
	Published string       `json:"date_published"`
	Modified  string       `json:"date_modified"`
	Authors   []jsonAuthor `json:"authors,omitempty"`
	Tags      []string     `json:"tags,omitempty"`
	Lang      string       `json:"language,omitempty"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

// asXML writes a document with its declaration. The encoder replaces characters that XML doesn't have.
func asXML(doc any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", " ")
	if err := e.Encode(doc); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
