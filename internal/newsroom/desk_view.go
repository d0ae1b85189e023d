package newsroom

import "stet/internal/page"

// besideView is what colleagues keep beside a sheet: its small forms belong to forms outside of the sheet's own.
type besideView struct {
	URL, Key                          string
	Faults                            []mistake
	Open, Resolved                    []noteView
	Folded                            string
	Note, About, Block                field
	Assigned                          string
	Person                            field
	CanAssign, CanShare, CanDuplicate bool
	Links                             []linkView
	Days, Label                       field
}

// noteView is a note between colleagues. Where says where its block stands, Gone how the block began that stands there no more.
type noteView struct {
	ID                     int64
	By, Block, Where, Gone string
	At                     page.Time
	Body                   []string
	URL, Resolved          string
}

type linkView struct {
	Label, Said, Revoke string
	Until               page.Time
}

// needRow is an article that needs the person who is asking, with what to do about it and why.
type needRow struct {
	URL, Headline, Lang string
	Do, Why             string
	At                  page.Time
}

// sharedPage shows a preview link, once.
type sharedPage struct {
	frame
	About       about
	Link, Until string
}

// widthsPage frames a preview; Alone leads to it without the frame.
type widthsPage struct {
	frame
	About        about
	Views        []view
	Width, Alone string
	// Action asks for another width, of the revision that is looked at; 0 is the newest.
	Action   string
	Revision int
}

// comingPage is a month of what happens by itself, as a list of days or as weeks.
type comingPage struct {
	frame
	Month                string
	Views                []view
	Before, Today, After page.Link
	Days                 []comingDay
	Heads                []weekday
	Weeks                [][]comingDay
	None                 string
}

type weekday struct{ Name, Brief string }

// comingDay is a day with what comes on it; a day of another month has no number.
type comingDay struct {
	Name   string
	Number string
	Today  bool
	Items  []comingRow
}

type comingRow struct {
	URL, Headline, Lang string
	At                  page.Time
	State               state
	By, Failed          string
}

type deskPages struct {
	shared *page.Page[sharedPage]
	widths *page.Page[widthsPage]
	coming *page.Page[comingPage]
}

func parseDesk(s *page.Set) deskPages {
	return deskPages{
		shared: page.Must[sharedPage](s, "newsroom/shared.html"),
		widths: page.Must[widthsPage](s, "newsroom/widths.html"),
		coming: page.Must[comingPage](s, "newsroom/coming.html"),
	}
}
