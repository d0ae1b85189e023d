package newsroom

import "stet/internal/page"

// publishPage asks when, and for a public article what kind of change it is; Kind has no options before the first publication.
type publishPage struct {
	frame
	About        about
	Revision     int
	Key          string
	Faults       []mistake
	Kind, Notice field
	Pinned, At   field
	Checks       []check
	Follows      []string
	Record       []recordRow
	// Readers is what a public article's readers will get in its history; nil before the first publication.
	Readers *readersView
	Stale   *staleView
}

// readersView is the words that change for readers. None says so where no word does, Compare leads to all that differs.
type readersView struct {
	Headline, Lang string
	Kicker         string
	Diff           diffView
	None           string
	Compare        string
	Updates        string
}

// staleView says who saved meanwhile, and what differs from the revision that was to be published.
type staleView struct {
	Lead    string
	Diff    diffView
	Compare page.Link
}

// updatePage appends a notice to a public article: made for a phone.
type updatePage struct {
	frame
	About                      about
	Key                        string
	Faults                     []mistake
	Kind, Notice, Pinned       field
	Statement, Speaker, Source field
	Role, Asked, Answered      field
	StatementOpen              bool
	Follows                    string
	// Report is the id of a reader's report that the notice answers, empty for none; Answers says so.
	Report, Answers string
}

// amendPage changes the words of a notice; Now is how it stands.
type amendPage struct {
	frame
	About  about
	Action string
	Faults []mistake
	Notice field
	Now    noticeView
}

// actPage is every other act on an article: what follows from it, what it asks for, one button. Button is a key.
type actPage struct {
	frame
	About    about
	Action   string
	Button   string
	Faults   []mistake
	Follows  []string
	Versions field
	Fields   []field
}

type actPages struct {
	publish *page.Page[publishPage]
	update  *page.Page[updatePage]
	amend   *page.Page[amendPage]
	act     *page.Page[actPage]
}

func parseActs(s *page.Set) actPages {
	return actPages{
		publish: page.Must[publishPage](s, "newsroom/publish.html"),
		update:  page.Must[updatePage](s, "newsroom/update.html"),
		amend:   page.Must[amendPage](s, "newsroom/amend.html"),
		act:     page.Must[actPage](s, "newsroom/act.html"),
	}
}
