package newsroom

import "stet/internal/page"

// complaintsPage lists readers' reports of comments. From and To are the days of an export.
type complaintsPage struct {
	frame
	Pressing string
	Views    []view
	Rows     []complaintItem
	Foot     foot
	None     string
	From, To field
}

// complaintItem is one report. All of it that a reader typed is plain text.
type complaintItem struct {
	URL                              string
	Writer, Comment                  string
	Article, Lang, ArticleURL        string
	At                               page.Time
	Reason, Ground, Who, Email, Many string
	Illegal                          bool
	Detail, Appeal                   []string
	Ruling, AppealRuling             string
}

// complaintPage is one report with its comment, the others of the same comment, and the form of a ruling: Action is where that is posted, empty
// where nothing waits.
type complaintPage struct {
	frame
	Item       complaintItem
	Faults     []mistake
	Posted     page.Time
	Status     string
	CommentURL string
	// Text is what was reported, Now what stands instead.
	Text, Now []string
	Others    []complaintItem
	Action    string
	// First is who made the ruling that an appeal is against: it is better read by somebody else.
	First  string
	Undoes bool
	Upheld field
	Answer field
	All    field
}

type complaintPages struct {
	list *page.Page[complaintsPage]
	one  *page.Page[complaintPage]
}

func parseComplaints(s *page.Set) complaintPages {
	return complaintPages{
		list: page.Must[complaintsPage](s, "newsroom/reports.html"),
		one:  page.Must[complaintPage](s, "newsroom/report.html"),
	}
}
