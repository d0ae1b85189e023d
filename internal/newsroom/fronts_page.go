package newsroom

import "stet/internal/page"

// frontsPage is a front as its editors arrange it. Fixed says that it shows another time than now, at which nothing can be changed; Ahead says
// which.
type frontsPage struct {
	frame
	frontForm    // Category is a slug, empty for the front page
	Faults       []mistake
	Choose, At   field
	Turns        []frontTurn
	Ahead        string
	Now, Preview string
	Zones        []frontZone
	Pool         frontPool
	Acts         []frontAct
}

// frontTurn is a time at which the front changes by itself.
type frontTurn struct {
	URL    string
	At     page.Time
	Places string
}

// frontZone is the lead package, or the band of a section.
type frontZone struct {
	ID, Title string
	Pack      bool
	Slots     []frontSlot
}

// frontForm is what every form of a front sends along. Fixed as on the page.
type frontForm struct {
	Category string
	Seen     int64
	Fixed    bool
}

// frontSlot is a place. Article is what is shown there, 0 where nothing is; Up and Down are where it can be moved, Keep where what fills the
// place by itself is kept.
type frontSlot struct {
	frontForm
	Slot          string
	Number        int
	Big, Empty    bool
	Image         int64
	Article       int64
	Headline, URL string
	Lang          string
	State         state
	Said          string
	Then          *frontThen
	Up, Down      string
	Keep          string
	Stands        *frontPlacing
	Line          []frontPlacing
}

// frontThen is what happens to a place by itself.
type frontThen struct {
	At         page.Time
	Text, Lang string
}

// frontPlacing is an article that stands in a place or waits for it, with its times. From is not asked of what stands there.
type frontPlacing struct {
	frontForm
	ID, Slot      string
	Headline, URL string
	Lang, Said    string
	Summary       string
	From, Until   field
	Waits, Open   bool
}

// frontPool is what can be put in a place.
type frontPool struct {
	Q               field
	Offers          []frontOffer
	Wrong           string
	To, From, Until field
}

type frontOffer struct {
	ID             int64
	Headline, Lang string
	State          state
	Said           string
	Chosen         bool
}

// frontAct is a line of the history.
type frontAct struct {
	At             page.Time
	By, Text       string
	Headline, Lang string
	Undo           string
}

// frontChangedPage says that somebody changed places meanwhile. Again holds what was asked, to be done all the same; it is empty for what can't.
type frontChangedPage struct {
	frame
	Back   string
	Asked  string
	Places []frontChange
	Again  []param
}

type frontChange struct {
	Number         int
	Text           string
	At             page.Time
	Now            string
	Headline, Lang string
}

type frontPages struct {
	board   *page.Page[frontsPage]
	changed *page.Page[frontChangedPage]
}

func parseFronts(set *page.Set) frontPages {
	return frontPages{board: page.Must[frontsPage](set, "newsroom/front.html"), changed: page.Must[frontChangedPage](set, "newsroom/front_changed.html")}
}
