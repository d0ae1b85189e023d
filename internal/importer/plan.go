package importer

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gosimple/slug"
	"golang.org/x/text/unicode/norm"
)

// Fate is what becomes of an item.
type Fate string

// The fates. Nothing but Published and Scheduled ever becomes public.
const (
	Published Fate = "published"
	Scheduled Fate = "scheduled"
	Draft     Fate = "draft"
	Trashed   Fate = "trashed"
	LeftOut   Fate = "left out"
)

// Fate decides by kind, status and password what becomes of the item; why explains every fate that its author might not expect.
func (it *Item) Fate() (fate Fate, why string) {
	switch {
	case it.Fault != "":
		return LeftOut, it.Fault
	case it.Kind == Other:
		return LeftOut, "a " + it.Type + " is no article"
	case it.Kind == Attachment:
		return LeftOut, "a picture or file, brought in as media"
	case it.Password && it.Status != "trash":
		return Draft, "it had a password"
	}
	switch it.Status {
	case "publish":
		return Published, ""
	case "future":
		return Scheduled, ""
	case "draft":
		return Draft, ""
	case "pending":
		return Draft, "it waited for review"
	case "private":
		return Draft, "it was private"
	case "trash":
		return Trashed, "it was in the trash"
	case "auto-draft", "inherit":
		return LeftOut, "an automatic copy"
	case "":
		return Draft, "it has no status"
	}
	return Draft, "its status is " + strconv.Quote(it.Status)
}

// CommentFate is what becomes of a comment.
type CommentFate string

// The fates of comments.
const (
	CommentApproved CommentFate = "approved"
	CommentPending  CommentFate = "pending"
	CommentSpam     CommentFate = "spam"
	CommentRejected CommentFate = "rejected"
	CommentLeftOut  CommentFate = "left out"
)

// Fate decides what becomes of the comment. Pings from other sites and plug-ins' notes are not readers' comments: some of the
// latter were never meant to be seen.
func (c *Comment) Fate() (fate CommentFate, why string) {
	switch c.Type {
	case "", "comment":
	default:
		return CommentLeftOut, "a " + c.Type + ", not a reader's comment"
	}
	switch c.Status {
	case "1", "approve", "approved":
		return CommentApproved, ""
	case "spam":
		return CommentSpam, ""
	case "trash", "post-trashed":
		return CommentRejected, "it was in the trash"
	}
	return CommentPending, ""
}

// Headline is the title as text.
func (it *Item) Headline() string { return plainText(it.Title) }

// NewSlug is the item's slug, or one of its title where it has none; never empty. The noun decides whether it is free.
func (it *Item) NewSlug() string {
	for _, s := range []string{it.Slug, slug.Make(it.Headline())} {
		if s = norm.NFC.String(strings.Trim(strings.ToLower(s), "/ ")); s != "" && !strings.ContainsAny(s, "/?#%\x00") {
			return s
		}
	}
	if it.ID != 0 {
		return string(it.Kind) + "-" + decimal(it.ID)
	}
	return string(it.Kind) + "-" + it.mark()[:8]
}

// SitePath is the path of an address as Stet keeps it: decoded, NFC, beginning with one slash, without dots. It is empty for
// an address that has none: the front page, or one that lives in the query.
func SitePath(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Path == "" || u.Path == "/" || u.Opaque != "" || u.RawQuery != "" {
		return ""
	}
	p := path.Clean("/" + u.Path)
	if p == "/" || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f || r == '\uFFFD' }) {
		return ""
	}
	if strings.HasSuffix(u.Path, "/") {
		p += "/"
	}
	return norm.NFC.String(p)
}

// OldAddresses lists where the item answered: the path of its link first, where it has one; then its earlier slugs in that
// shape; then WordPress's own short ones, as path and query.
func (it *Item) OldAddresses() []string {
	var out []string
	add := func(a string) {
		if a != "" && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	link := SitePath(it.Link)
	add(link)
	if it.Slug != "" && link != "" {
		dir, last := path.Split(strings.TrimSuffix(link, "/"))
		for _, old := range it.OldSlugs {
			if old != "" && last == norm.NFC.String(it.Slug) && !strings.Contains(old, "/") {
				add(SitePath((&url.URL{Path: dir + old + link[len(dir+last):]}).String()))
			}
		}
	}
	add(shortAddress(it.Link))
	if it.ID != 0 {
		add("/?p=" + decimal(it.ID))
		if it.Kind == Page {
			add("/?page_id=" + decimal(it.ID))
		}
	} else {
		add(shortAddress(it.GUID))
	}
	return out
}

// shortAddress is an address of the form /?p=12 or /?page_id=12, else empty.
func shortAddress(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	for _, key := range []string{"p", "page_id"} {
		if n := number(u.Query().Get(key)); n > 0 {
			return "/?" + key + "=" + decimal(n)
		}
	}
	return ""
}
