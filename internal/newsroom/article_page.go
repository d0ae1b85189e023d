package newsroom

import (
	"html/template"

	"stet/internal/page"
)

// articlesPage lists articles, or static pages. Create is the key of the button that begins one; empty for who may not.
type articlesPage struct {
	frame
	Create, Kind, Key string
	Views             []view
	Filter            filter
	Heads             []sortHead
	Caption           string
	Bulk              bulkForm
	// Coming leads to what is coming, from where that is asked for.
	Coming string
	Rows   []articleRow
	// Needs are rows of another kind: what needs the person who is asking. OnlyNeeds tells that this view is shown.
	Needs     []needRow
	OnlyNeeds bool
	Foot      foot
	None      string
}

type articleRow struct {
	URL, Headline, Lang string
	State               state
	Warning, Hint       string
	Category, Authors   string
	Changed             page.Time
	By                  string
	// Pick is what the bulk form takes for it; Update and Untrash are what can be done to it from here.
	Pick, Assigned, Notes, Update, Untrash string
}

// sortHead is the head of a column by which the list can be sorted; Order is its aria-sort, empty where it isn't sorted by it.
type sortHead struct{ Name, URL, Order string }

// bulkForm is what can be done to the chosen ones.
type bulkForm struct {
	Here, Key, All           string
	Trash                    bool // the list of the trash, where they can only be taken out
	Categories, People, Tags []option
	Public                   bool
}

// editorPage is an article's sheet with its settings beside it. Returned and Failed say why it came back.
type editorPage struct {
	frame
	Up       page.Link
	About    about
	Revision int
	Key      string
	// Tab names this open form, Held what it has as in an earlier revision, Stood what it showed of what acts at once; Person is who has it open.
	Tab, Held, Stood string
	Person           int64
	Unsaved          unsaved
	Saved            page.Time
	Public           string
	CanSave          bool
	// Forward saves and goes on: to publishing, or to asking for a review.
	Forward          option
	Faults           []mistake
	Returned, Failed string

	Kicker, Headline, Standfirst, Dateline, Body field
	Byline, Tally                                string
	Notices                                      []noticeView

	// Reports leads to the errors that readers reported and nobody has answered.
	Reports                                                            page.Link
	Facts                                                              []fact
	Acts                                                               []page.Link
	Checks                                                             []check
	Category, Also, Tags, Authors, Label, Slug, Language, Comments     field
	CloseDays                                                          field
	AlsoCount                                                          string
	Picture                                                            picture
	Image, ImageCaption, ImageCredit, ImageAlt, Embargo, Noindex, Live field
	Note                                                               field
	// Beside is what colleagues keep beside the sheet.
	Beside       besideView
	Revisions    []revisionRow
	AllRevisions string
}

// noticeView is a notice as readers have it; Amend leads to the form that amends it, for who may.
type noticeView struct {
	Number      int
	Kind, Label string
	At          page.Time
	Text        template.HTML
	Why, Amend  string
}

type fact struct{ Name, Text, URL string }

// picture is a picture small enough for a form; Src is empty where there is none.
type picture struct {
	URL, Src, Alt string
	Width, Height int
}

// conflictPage is an overlap: what a person has to choose, what merged by itself, and below both full texts, mine in a form that puts it on
// top. Kept are the fields of mine that the page doesn't show, AtOnce those of them that act at once.
type conflictPage struct {
	frame
	About                            about
	Action, Key, MineKey, Lead       string
	Head                             int
	CanSave                          bool
	Faults                           []mistake
	Overlaps                         []overlapView
	Joined                           []joinedRow
	JoinedWords                      string
	Kept, AtOnce                     []param
	Headline, Standfirst, Body, Note field
	Theirs                           theirs
}

// overlapView is one block or field that both changed. Ways are the further choices besides mine and theirs.
type overlapView struct {
	Name, ID, Title, Count string
	Before, BeforeText     string
	Mine, Theirs           sideChoice
	Ways                   []wayChoice
	Anew                   field
	Fault                  string
}

type sideChoice struct {
	Label, Who, Note string
	At               page.Time
	Spans            []diffSpan
	Chosen           bool
}

type wayChoice struct {
	Value, Key, Text string
	Chosen           bool
}

// joinedRow is a block or field that merged by itself.
type joinedRow struct {
	Where, Who, What string
	Spans            []diffSpan
}

type theirs struct {
	Revision                   int
	Heading, Said              string
	Headline, Standfirst, Body string
	Others                     []fact
}

// revisionsPage lists the revisions of an article and its public record.
type revisionsPage struct {
	frame
	About  about
	Rows   []pickerRow
	Foot   foot
	Record []recordRow
}

// revisionRow is one revision; Public says which entries of the record it became, Aside that it was kept beside, Restore is where to post
// to go back to it.
type revisionRow struct {
	Number                  int
	By, Note, Public, Aside string
	Restore                 string
	At                      page.Time
}

type recordRow struct {
	Kind, Label, Text string
	At                page.Time
}

type articlePages struct {
	list      *page.Page[articlesPage]
	editor    *page.Page[editorPage]
	conflict  *page.Page[conflictPage]
	revisions *page.Page[revisionsPage]
	compare   *page.Page[comparePage]
}

func parseArticles(s *page.Set) articlePages {
	return articlePages{
		list:      page.Must[articlesPage](s, "newsroom/articles.html"),
		editor:    page.Must[editorPage](s, "newsroom/article.html"),
		conflict:  page.Must[conflictPage](s, "newsroom/article_conflict.html"),
		revisions: page.Must[revisionsPage](s, "newsroom/revisions.html"),
		compare:   page.Must[comparePage](s, "newsroom/compare.html"),
	}
}
