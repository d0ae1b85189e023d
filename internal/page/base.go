package page

// Base is what every page that readers see gives its layout. A page struct embeds it; staff pages have a base of their own.
type Base struct {
	// Title is the page's own, without the site's name; Heading of the window joins both.
	Title, Description string
	// Canonical is the absolute address; empty on pages that have none.
	Canonical string
	// Robots is "noindex" and the like; empty lets all in.
	Robots string
	Feeds  []Feed
	Card   *Card
	// Data is structured data, each value written as one JSON-LD script; a page with Robots shows none.
	Data       []any
	Prev, Next string
	// Front marks the front page, whose title is its first heading; Asks marks a page with a search form of its own.
	Front, Asks bool
	Site        *Site
}

// WindowTitle is the title for the browser's window and for lists of results.
func (b Base) WindowTitle() string {
	if b.Title == "" {
		return b.Site.Name
	}
	return T("window.title", b.Title, b.Site.Name)
}

// Site is what all pages of a site share: its name, its ways in, its foot.
type Site struct {
	Name, Motto, Lang, Dir string
	Home                   string
	// Accent is the address of a stylesheet with the site's own colours; empty for the default ones.
	Accent   string
	Today    Time
	Changed  Time
	Sections []Link
	Social   []Link
	Columns  []Column
	Breaking *Link
	Year     int
	// Logo stands in place of the name at the head of every page; nil: the name does.
	Logo *Logo
	// Imprint is what the site says of itself at the very foot.
	Imprint string
}

// Logo is a picture with its size in pixels; Night is shown in its place on dark paper, where there is one.
type Logo struct {
	Src           string
	Width, Height int
	Night         string
}

// Link is an address with its words.
type Link struct {
	URL, Text string
	// Lang is the language of the words where it isn't the page's.
	Lang    string
	Current bool
}

// Column is a headed list of links at the foot of every page. Me says that all of them are the site's own pages elsewhere.
type Column struct {
	Title string
	Links []Link
	Me    bool
}

// Feed is a feed of the page's matter, for <link rel="alternate">.
type Feed struct{ Title, Kind, URL string }

// Card is what other sites show when they link here (OpenGraph).
type Card struct {
	Site                          string
	Kind, Title, Description, URL string
	Image, ImageAlt               string
	Width, Height                 int
	Published, Modified, Section  string
	Authors, Tags                 []string
}
