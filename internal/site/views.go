package site

import (
	"html/template"

	"stet/internal/page"
)

// leads is a lead package: the lead and the stories beside it.
type leads struct {
	Lead   *story
	Beside []story
}

// stories are all of the package, the lead first.
func (o leads) stories() []story {
	if o.Lead == nil {
		return nil
	}
	return append([]story{*o.Lead}, o.Beside...)
}

type frontPage struct {
	page.Base
	leads
	Latest    []latest
	LatestURL string
	Bands     []band
	Discussed []page.Link
	Counts    []string
	MostRead  *mostRead
	Record    []recordEntry
	Pages     *pages
	Rows      []story
}

// mostRead are the articles read most; Said is since when, Counted who counts.
type mostRead struct {
	Said, Counted string
	Links         []page.Link
}

// latest is a line of the newest things: an article, or what was added to one.
type latest struct {
	At        page.Time
	Label     *label
	URL, Text string
	Tongue    *tongue
}

type recordEntry struct {
	Label     label
	At        page.Time
	URL, Text string
	Tongue    *tongue
}

type articlePage struct {
	page.Base
	Number int
	Tongue tongue
	Home   *tongue
	// Turned is set where the text runs the other way than the page. The page's grid keeps its direction, so only what is
	// running text is turned.
	Turned *tongue
	Static bool
	Old    *oldVersion
	Draft  string // what is said of a draft to somebody outside the newsroom
	// Trail is the line above the headline: the categories above, and the article's own or what it says in its place.
	Trail      []page.Link
	Label      string
	Headline   string
	Standfirst string
	Byline     []bylinePart
	Published  page.Time
	Reading    string
	Marks      []label
	Record     *record
	Picture    *picture
	Pinned     []notice
	Body       template.HTML
	Stands     *stands
	Notices    []notice
	Share      *share
	Tags       []page.Link
	Report     string
	Writers    []writer
	More       *band
	Turn       *turn
	Comments   *comments
	// Live is set while what is added is shown to those who read; Seen where the reader's browser marks what is new to it.
	Live *liveLine
	Seen *seenWords
	near []string // cache tags of the articles it leads on to
	// Beacon has the reader's browser say that the page is read.
	Beacon bool
}

// oldVersion says that the page shows an earlier version, and how long it stood.
type oldVersion struct {
	Number      int
	From, Until page.Time
	Current     string
	History     string
}

// bylinePart is a name, with the words before it.
type bylinePart struct {
	Before string
	Link   page.Link
}

// record is the article's public record in the margin: at most six rows, then a way to all.
type record struct {
	Rows    []recordRow
	History string
	More    string
}

type recordRow struct {
	At         page.Time
	Kind, Text string
	URL, What  string
}

type picture struct {
	Image           image
	Caption, Credit string
}

// stands is the sentence under the dotted rule, made from the record.
type stands struct {
	Lead    page.Halves
	At      page.Time
	Changes []page.Link
	But     page.Halves
}

type writer struct {
	Image     *image
	Name, URL string
	Biography template.HTML
	Links     []page.Link
}

// comments is the part of an article page below the text.
type comments struct {
	Count, Said string
	Orders      []page.Link
	Thread      []*remark
	Pages       *pages
	Form        *respond
	// Report is where an error in the article is reported.
	Report string
	Home   *tongue
}

// remark is one comment with the answers to it.
type remark struct {
	ID          int64
	Name, Badge string
	Initials    string
	Staff       bool
	Pinned      string
	At          page.Time
	URL         string
	Before      *before
	// Answers is what it answers, where that isn't the comment above it; Gone says that this was deleted.
	Answers        *page.Link
	Gone           string
	Body           template.HTML
	Reply, ReplyTo string
	// Report leads to the form that reports it.
	Report  string
	Replies []*remark
}

// before says which notice a comment had not seen.
type before struct {
	Kind, URL string
	Text      page.Halves
	At        string
}

// respond is the form for a comment, with what was typed and what is wrong with it.
type respond struct {
	Action            string
	Name, Email, Body string
	Notify            bool
	Parent            int64
	// InPlace says that the form stands below the comments and may be moved under one of them.
	InPlace bool
	// Mails says that answers can be mailed, AtOnce that the comment needn't be read before it appears.
	Mails, AtOnce bool
	Version       int
	Wrong         fieldFaults
	// Any says that something is wrong; Whole is about the form as a whole.
	Any   bool
	Whole string
	// status is what the form answers with, 0 for OK; retry how many seconds to wait before another try.
	status, retry int
}

// fieldFaults are sentences by field.
type fieldFaults struct{ Name, Email, Body string }

type respondPage struct {
	page.Base
	Article page.Link
	To      *remark
	Closed  string
	Form    *respond
}

type historyPage struct {
	page.Base
	Article page.Link
	Tongue  *tongue
	Summary string
	Report  string
	Entries []notice
}

type listPage struct {
	page.Base
	Kicker, Heading, About string
	Within                 []page.Link
	Feed                   string
	leads
	Rows  []story
	Empty string
	Pages *pages
}

type authorPage struct {
	page.Base
	Portrait  *image
	Role      string
	Name      string
	Biography template.HTML
	Links     []page.Link
	Feed      string
	Rows      []story
	Pages     *pages
}

type correctionsPage struct {
	page.Base
	Entries []notice
	Feed    string
	Pages   *pages
}

type searchPage struct {
	page.Base
	Ask     ask
	Wrong   string
	Asked   bool
	Found   page.Halves
	Orders  []page.Link
	Rows    []story
	Pages   *pages
	Facets  facets
	Archive string
}

// facets narrow a search down; each is kept when another is set.
type facets struct {
	Categories, Authors, Dates []page.Link
	Query, Category, Author    string
	Sort, From, To             string
}

// sincePage is a fragment without a frame: the notices that were added up to row Number, newest first, and how many in words.
type sincePage struct {
	Number  int
	Said    string
	Live    bool
	Notices []notice
}

type notFoundPage struct {
	page.Base
	Code   int
	Ask    ask
	Latest []story
}

type gonePage struct {
	page.Base
	Code   int
	At     page.Time
	Said   string
	Notice template.HTML
	Label  label
}

type faultPage struct {
	page.Base
	Code int
	Said string
}
