// Package article holds articles and static pages: their drafts and revisions, what became public and when, and how a reader or the
// newsroom finds them.
//
// The public record is its heart. What readers saw stands in versions and publications, which are only ever added to; the live columns
// of an article are computed from them by one function (goLive) and written nowhere else. Drafts, autosaves and revisions never change
// what readers see. Every act is one transaction of one exported method: lock, rule, version, write, audit, purge, in that order.
//
// The room must never know HTTP or a template, never trust a clock but the database's, and never change a row of the record.
package article

import (
	"time"

	"stet/internal/markup"
)

// Kind tells articles, which stand in lists and feeds, from static pages, which don't.
type Kind string

// The kinds.
const (
	KindArticle Kind = "article"
	KindPage    Kind = "page"
)

// The stages of a draft on its way to the public.
const (
	StageDraft    = "draft"
	StageReview   = "review"
	StageReturned = "returned"
)

// What the public may see of an article; empty before its first publication.
const (
	Published = "published"
	Retracted = "retracted" // the text stays, with its notice
	Withdrawn = "withdrawn" // the address answers 410 with the notice
	Withheld  = "withheld"  // removed by court order or erasure; the address answers 451
)

// Kinds of rows in the public record.
const (
	Original      = "original"
	ImportedRow   = "imported"
	Update        = "update"
	Correction    = "correction"
	Clarification = "clarification"
	Note          = "note"
	Minor         = "minor"
	Retraction    = "retraction"
	WithdrawnRow  = "withdrawn"
	Restored      = "restored"
	WithheldRow   = "withheld"
)

// Labels are the values an article's label may take; readers are shown all but news.
var Labels = []string{"news", "analysis", "opinion", "interview", "sponsored"}

// NoticeKinds are the kinds an editor may append with a notice, in the order they are offered.
var NoticeKinds = []string{Update, Correction, Clarification, Note}

// Limits of contract.md, in bytes for HTML and in characters for lines.
const (
	MaxBody   = 1 << 20
	MaxNotice = 64 << 10
	maxLine   = 300
	maxText   = 2000
	maxTags   = 50
)

// Draft is what the editor's form holds of an article. Body is HTML, sanitised and cut into blocks when saved. Category and Also are
// slugs; an entry of Authors is the slug of a profile, or a name with a space in it that is printed without one. Comments,
// CloseDays (after publication; 0 never, nil as the category or site has it), Embargo, NoIndex and Live act at once and are no part of a version; all else waits for publication.
type Draft struct {
	Headline, Standfirst, Kicker, Dateline string
	Label, Slug, Language                  string
	Body                                   string
	Category                               string
	Also, Tags, Authors                    []string
	Image                                  int64
	ImageAlt, ImageCaption, ImageCredit    string
	Comments                               string
	CloseDays                              *int
	Embargo                                *time.Time
	NoIndex, Live                          bool
	Note                                   string
}

// Content is one public version, self-contained: what is printed, as it was printed. It is what the record's content hash covers.
type Content struct {
	V          int               `json:"v"`
	Headline   string            `json:"headline"`
	Standfirst string            `json:"standfirst"`
	Kicker     string            `json:"kicker"`
	Dateline   string            `json:"dateline"`
	Label      string            `json:"label"`
	Language   string            `json:"language"`
	Slug       string            `json:"slug"`
	Category   *ContentCategory  `json:"category"`
	Also       []ContentCategory `json:"also"`
	Tags       []string          `json:"tags"`
	Bylines    []ContentByline   `json:"bylines"`
	Image      *ContentImage     `json:"image"`
	Body       []string          `json:"body"`
	Pictures   []ContentPicture  `json:"pictures"`
}

// ContentCategory names a category as it stood then.
type ContentCategory struct {
	ID   int64  `json:"id"`
	Slug string `json:"slug"`
}

// ContentByline is one name as printed; Author is 0 for a name without a profile.
type ContentByline struct {
	Author int64  `json:"author"`
	Slug   string `json:"slug"`
	Text   string `json:"text"`
}

// ContentImage is the lead picture with the words that stood with it.
type ContentImage struct {
	Media   int64  `json:"media"`
	SHA256  string `json:"sha256"`
	Alt     string `json:"alt"`
	Caption string `json:"caption"`
	Credit  string `json:"credit"`
}

// ContentPicture ties a picture in the body to its bytes.
type ContentPicture struct {
	Media  int64  `json:"media"`
	SHA256 string `json:"sha256"`
}

// blocks joins the body with the ids its blocks had, which stand outside the hash.
func (c *Content) blocks(ids []string) []markup.Block {
	out := make([]markup.Block, len(c.Body))
	for i, html := range c.Body {
		out[i].HTML = html
		if i < len(ids) {
			out[i].ID = ids[i]
		}
	}
	return out
}
