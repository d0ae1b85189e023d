package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Site is what an export says about where it comes from.
type Site struct {
	Version     string // of the export's format
	Title       string
	Description string
	Language    string
	URL         string // of the site's front page
}

// Author is someone who may stand in a byline. Roles, passwords and sign-ins are never read.
type Author struct {
	Login       string
	Name        string
	First, Last string
	Email       string
}

// Display is the name to print.
func (a Author) Display() string {
	for _, s := range []string{a.Name, strings.TrimSpace(a.First + " " + a.Last), a.Login} {
		if s != "" {
			return s
		}
	}
	return ""
}

// Term is a category or a tag that the export declares.
type Term struct {
	Taxonomy    string // category, post_tag or a taxonomy of the site's own
	Slug        string
	Name        string
	Parent      string // slug of the parent
	Description string
}

// TermRef is a term as an item names it. Domain is empty in old exports, which name the same term again with its domain.
type TermRef struct {
	Domain, Slug, Name string
}

// Kind is what an item is here.
type Kind string

// The kinds. Other is counted and reported: a menu item, a form, a style sheet, a type of the site's own.
const (
	Post       Kind = "post"
	Page       Kind = "page"
	Attachment Kind = "attachment"
	Other      Kind = "other"
)

// Item is one item of an export as it stands there: nothing sanitised, nothing resolved.
type Item struct {
	Line     int // of its first tag
	Kind     Kind
	Type     string // the export's own word
	ID       int64  // 0 where it has none
	GUID     string
	Link     string
	Title    string // HTML
	Body     string
	Excerpt  string
	Slug     string
	Status   string
	Password bool
	Sticky   bool
	Local    time.Time // as the site's clock showed it, zone unknown; zero where it has none
	GMT      time.Time // zero where it has none: drafts
	Sent     time.Time // pubDate
	Order    int
	Parent   int64
	Creator  string
	Terms    []TermRef
	Comments []Comment
	Closed   bool // comments are

	Thumbnail int64    // id of the attachment that is the lead picture
	OldSlugs  []string // it answered under these
	File      string   // of an attachment: its URL
	Path      string   // of an attachment: its path under the uploads directory
	Alt       string
	Metas     int    // how many postmeta it has, read or not
	Fault     string // why it can't be taken as it is, found in reading
}

// Comment is one comment as it stands in an export.
type Comment struct {
	ID, Parent  int64
	Author      string
	Email       string
	URL         string
	Address     string
	Local, GMT  time.Time
	Content     string
	Status      string // 1, 0, spam, trash, or empty
	Type        string // empty or comment: a reader's; pingback, trackback and plug-ins' own
	SignedInAs  int64  // id of a person who was signed in; 0: a guest
	StatusKnown bool   // whether there was a status at all
}

// When returns the moment an item or comment bears: its GMT date, else its local one read in zone, else false.
func When(gmt, local time.Time, zone *time.Location) (time.Time, bool) {
	switch {
	case !gmt.IsZero():
		return gmt, true
	case !local.IsZero():
		y, m, d := local.Date()
		return time.Date(y, m, d, local.Hour(), local.Minute(), local.Second(), 0, zone).UTC(), true
	}
	return time.Time{}, false
}

// When returns the moment the item bears, or false. Where only the local date is known it is read in zone.
func (it *Item) When(zone *time.Location) (time.Time, bool) {
	if t, ok := When(it.GMT, it.Local, zone); ok {
		return t, true
	}
	return it.Sent, !it.Sent.IsZero()
}

// Categories returns the item's categories in file order; the first is the kicker's. Names without a domain count only where
// no name has one: old exports write every term twice.
func (it *Item) Categories() []TermRef { return it.terms("category") }

// Tags returns the item's tags in file order.
func (it *Item) Tags() []TermRef { return it.terms("post_tag", "tag") }

// Bylines returns the logins of those who wrote it: the co-authors where the export names any, else its creator.
func (it *Item) Bylines() []TermRef {
	if co := it.terms("author"); len(co) > 0 {
		for i := range co {
			co[i].Slug = strings.TrimPrefix(co[i].Slug, "cap-")
		}
		return co
	}
	if it.Creator == "" {
		return nil
	}
	return []TermRef{{Domain: "author", Slug: it.Creator, Name: it.Creator}}
}

func (it *Item) terms(domains ...string) []TermRef {
	bare := !slices.ContainsFunc(it.Terms, func(t TermRef) bool { return t.Domain != "" })
	var out []TermRef
	for _, t := range it.Terms {
		fits := slices.Contains(domains, t.Domain) || bare && domains[0] == "category"
		if fits && !slices.ContainsFunc(out, func(o TermRef) bool { return o.Slug == t.Slug && o.Name == t.Name }) {
			out = append(out, t)
		}
	}
	return out
}

// Identity is what the item is known by in its source, the same in every export of that site: its guid, which WordPress never
// changes, else its id, else its link, else what it says.
func (it *Item) Identity() string {
	switch {
	case it.GUID != "":
		return "guid:" + it.GUID
	case it.ID != 0:
		return "id:" + decimal(it.ID)
	case it.Link != "":
		return "link:" + it.Link
	}
	return "words:" + it.mark()
}

// SecondIdentity tells items apart that claim one identity: hand-made and merged exports have several under one id.
func (it *Item) SecondIdentity() string { return it.Identity() + "#" + it.mark() }

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

func (it *Item) mark() string {
	h := sha256.New()
	for _, s := range []string{it.Type, it.Title, it.Slug, it.Local.String()} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Digest is a fingerprint of all that an import takes from the item, its comments included. A second import compares it to say
// that an item differs from what was imported.
func (it *Item) Digest() []byte {
	h := sha256.New()
	put := func(fields ...any) {
		for _, f := range fields {
			s := fmt.Sprint(f)
			fmt.Fprintf(h, "%d:", len(s))
			_, _ = io.WriteString(h, s) // a hash never fails
		}
	}
	put("v1", it.Type, it.Title, it.Body, it.Excerpt, it.Slug, it.Link, it.Status, it.Password, it.Sticky)
	put(it.Local.Unix(), it.GMT.Unix(), it.Order, it.Parent, it.Creator, it.Closed, it.Thumbnail, it.File, it.Alt)
	put(len(it.OldSlugs), strings.Join(it.OldSlugs, "\n"), len(it.Terms))
	for _, t := range it.Terms {
		put(t.Domain, t.Slug, t.Name)
	}
	put(len(it.Comments))
	for _, c := range it.Comments {
		put(c.ID, c.Parent, c.Author, c.Email, c.URL, c.Address, c.Local.Unix(), c.GMT.Unix(), c.Content, c.Status, c.Type)
	}
	return h.Sum(nil)
}
