package importer

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// What the parts of an item weigh beside their words, so that a flood of empty ones counts too.
const (
	termWeight    = 128
	commentWeight = 512
)

func siteField(e element) func(*Site, string) {
	switch e {
	case element{plain, "title"}:
		return func(s *Site, v string) { s.Title = strings.TrimSpace(v) }
	case element{plain, "description"}:
		return func(s *Site, v string) { s.Description = strings.TrimSpace(v) }
	case element{plain, "language"}:
		return func(s *Site, v string) { s.Language = strings.TrimSpace(v) }
	case element{wpSpace, "wxr_version"}:
		return func(s *Site, v string) { s.Version = strings.TrimSpace(v) }
	case element{wpSpace, "base_blog_url"}:
		return func(s *Site, v string) { s.URL = cmp.Or(strings.TrimSpace(v), s.URL) }
	case element{plain, "link"}, element{wpSpace, "base_site_url"}:
		return func(s *Site, v string) { s.URL = cmp.Or(s.URL, strings.TrimSpace(v)) }
	}
	return nil
}

func setAuthor(a *Author, e element, text string) {
	text = strings.TrimSpace(text)
	switch e.local {
	case "author_login":
		a.Login = text
	case "author_email":
		a.Email = text
	case "author_display_name":
		a.Name = text
	case "author_first_name":
		a.First = text
	case "author_last_name":
		a.Last = text
	}
}

func setTerm(t *Term, e element, text string) {
	text = strings.TrimSpace(text)
	switch e.local {
	case "category_nicename", "tag_slug", "term_slug":
		t.Slug = unescaped(text)
	case "category_parent", "term_parent":
		t.Parent = unescaped(text)
	case "cat_name", "tag_name", "term_name":
		t.Name = plainText(text)
	case "category_description", "tag_description", "term_description":
		t.Description = text
	case "term_taxonomy":
		t.Taxonomy = text
	}
}

// unescaped is a slug as people read it: WordPress keeps every script but its own percent-encoded.
func unescaped(slug string) string {
	if !strings.Contains(slug, "%") {
		return slug
	}
	if s, err := url.PathUnescape(slug); err == nil {
		return s
	}
	return slug
}

func (r *reader) item() (*Item, error) {
	it := &Item{Line: r.src.line}
	r.size, r.src.cutLine = 0, 0
	for {
		tok, err := r.token()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if err := r.itemElement(it, t); err != nil {
				return nil, err
			}
		case xml.EndElement:
			it.Kind = kindOf(it.Type)
			if r.src.cutLine > 0 {
				it.Fault = fmt.Sprintf("line %d: larger than can be taken (%d KB a text, %d KB an item)", r.src.cutLine, r.max.text>>10, r.max.item>>10)
				it.Body, it.Comments = "", nil
			}
			r.size, r.src.cutLine = 0, 0
			return it, nil
		}
	}
}

func kindOf(typ string) Kind {
	switch typ {
	case "post", "": // a feed without types is one of posts
		return Post
	case "page":
		return Page
	case "attachment":
		return Attachment
	}
	return Other
}

func (r *reader) itemElement(it *Item, t xml.StartElement) error {
	e := elementOf(t)
	switch e {
	case element{plain, "category"}:
		return r.termRef(it, t)
	case element{wpSpace, "postmeta"}:
		return r.postmeta(it)
	case element{wpSpace, "comment"}:
		return r.comment(it)
	}
	set, ok := itemFields[e]
	if !ok || r.skimming && (e.space == contentSpace) {
		return r.skip()
	}
	text, err := r.text()
	if err != nil {
		return err
	}
	set(it, text)
	return nil
}

var itemFields = map[element]func(*Item, string){
	{plain, "title"}:            func(it *Item, v string) { it.Title = strings.TrimSpace(v) },
	{plain, "link"}:             func(it *Item, v string) { it.Link = strings.TrimSpace(v) },
	{plain, "guid"}:             func(it *Item, v string) { it.GUID = strings.TrimSpace(v) },
	{plain, "pubDate"}:          func(it *Item, v string) { it.Sent = sent(v) },
	{dcSpace, "creator"}:        func(it *Item, v string) { it.Creator = strings.TrimSpace(v) },
	{contentSpace, "encoded"}:   func(it *Item, v string) { it.Body = v },
	{excerptSpace, "encoded"}:   func(it *Item, v string) { it.Excerpt = v },
	{wpSpace, "post_id"}:        func(it *Item, v string) { it.ID = number(v) },
	{wpSpace, "post_type"}:      func(it *Item, v string) { it.Type = strings.TrimSpace(v) },
	{wpSpace, "status"}:         func(it *Item, v string) { it.Status = strings.TrimSpace(v) },
	{wpSpace, "post_name"}:      func(it *Item, v string) { it.Slug = unescaped(strings.TrimSpace(v)) },
	{wpSpace, "post_date"}:      func(it *Item, v string) { it.Local = date(v) },
	{wpSpace, "post_date_gmt"}:  func(it *Item, v string) { it.GMT = date(v) },
	{wpSpace, "post_parent"}:    func(it *Item, v string) { it.Parent = number(v) },
	{wpSpace, "menu_order"}:     func(it *Item, v string) { it.Order = int(number(v)) },
	{wpSpace, "post_password"}:  func(it *Item, v string) { it.Password = strings.TrimSpace(v) != "" },
	{wpSpace, "is_sticky"}:      func(it *Item, v string) { it.Sticky = strings.TrimSpace(v) == "1" },
	{wpSpace, "comment_status"}: func(it *Item, v string) { it.Closed = strings.TrimSpace(v) == "closed" },
	{wpSpace, "attachment_url"}: func(it *Item, v string) { it.File = strings.TrimSpace(v) },
	{plain, "attachment_url"}:   func(it *Item, v string) { it.File = strings.TrimSpace(v) },
}

func sent(s string) time.Time {
	t, err := time.Parse(time.RFC1123Z, strings.TrimSpace(s))
	if err != nil || t.Year() < 1 {
		return time.Time{}
	}
	return t.UTC()
}

func (r *reader) termRef(it *Item, t xml.StartElement) error {
	var ref TermRef
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "domain":
			ref.Domain = strings.TrimSpace(a.Value)
		case "nicename":
			ref.Slug = unescaped(strings.TrimSpace(a.Value))
		}
	}
	text, err := r.text()
	ref.Name = plainText(text)
	if r.weigh(termWeight + len(ref.Domain) + len(ref.Slug)) {
		it.Terms = append(it.Terms, ref)
	}
	return err
}

func (r *reader) postmeta(it *Item) error {
	var key, value string
	err := r.fields(func(e element, text string) {
		switch e.local {
		case "meta_key":
			key = strings.TrimSpace(text)
		case "meta_value":
			value = text
		}
	})
	it.Metas++
	switch key {
	case "_thumbnail_id":
		it.Thumbnail = number(value)
	case "_wp_attached_file":
		it.Path = strings.TrimSpace(value)
	case "_wp_attachment_image_alt":
		it.Alt = strings.TrimSpace(value)
	case "_wp_old_slug":
		if r.weigh(termWeight) {
			it.OldSlugs = append(it.OldSlugs, unescaped(strings.TrimSpace(value)))
		}
	default:
		r.size -= len(key) + len(value)
	}
	return err
}

func (r *reader) comment(it *Item) error {
	var c Comment
	err := r.fields(func(e element, text string) { setComment(&c, e, text) })
	if r.skimming {
		r.size -= len(c.Content)
		c.Content = ""
	}
	if r.weigh(commentWeight) {
		it.Comments = append(it.Comments, c)
	}
	return err
}

// weigh adds n to the item and says whether it can still be held.
func (r *reader) weigh(n int) bool {
	if r.size+n > r.max.item {
		r.src.tooLong()
		return false
	}
	r.size += n
	return true
}

func setComment(c *Comment, e element, text string) {
	trimmed := strings.TrimSpace(text)
	switch e.local {
	case "comment_id":
		c.ID = number(text)
	case "comment_parent":
		c.Parent = number(text)
	case "comment_author":
		c.Author = plainText(text)
	case "comment_author_email":
		c.Email = trimmed
	case "comment_author_url":
		c.URL = trimmed
	case "comment_author_IP":
		c.Address = trimmed
	case "comment_date":
		c.Local = date(text)
	case "comment_date_gmt":
		c.GMT = date(text)
	case "comment_content":
		c.Content = text
	case "comment_approved":
		c.Status, c.StatusKnown = trimmed, true
	case "comment_type":
		c.Type = trimmed
	case "comment_user_id":
		c.SignedInAs = number(text)
	}
}
