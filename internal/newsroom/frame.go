package newsroom

import (
	"stet/internal/page"
)

// frame is what every staff page gives its layout. A page struct embeds it.
type frame struct {
	// Title is the page's own, without the site's name.
	Title string
	Site  string
	// Rail is nil at the door, where nobody is signed in yet.
	Rail  *rail
	Flash *flash
}

// WindowTitle is the title for the browser's window.
func (f frame) WindowTitle() string { return page.T("newsroom.window", f.Title, f.Site) }

// rail leads to all places that this person may enter, the daily ones first.
type rail struct {
	Site, Name, Roles string
	// Person is who is signed in; Slim leaves a phone more room for the work.
	Person int64
	Slim   bool
	First  []place
	Rest   [][]place
	Keys   []keyHint
}

// place is an entry of the rail; Name is a key of the catalogue, Key the letter that follows g.
type place struct {
	Name, URL, Key string
	Waiting        string
	// Late says that what waits does so for too long.
	Late bool
	Here bool
}

// keyHint says what pressing Caps one after another does; What is a key of the catalogue.
type keyHint struct {
	What string
	Caps []string
}

// flash is what the act before this page did, shown once. Undo is where to post to take it back, if it can be; IDs are the
// comments that are meant where it was done to many.
type flash struct {
	Text, Undo string
	IDs        []string
}

// state is where a thing stands, in a word; Class is the shape of its dot.
type state struct{ Class, Word string }

// view is one tab over a list; Count is empty where it isn't counted.
type view struct {
	Name, URL, Count string
	Here             bool
}

// filter narrows a list by what stands in the address. Kept are parameters that stay as they are, Clear leads to the list
// without its fields and is empty while none is set.
type filter struct {
	Action, Clear string
	Kept          []param
	Fields        []field
}

type param struct{ Name, Value string }

// foot says how much of a list is shown and leads on; Words is the key of the link's text.
type foot struct{ Range, First, Next, Words string }

// article is the thing a page is about: named at its head and linked.
type about struct {
	URL, Headline, Lang string
	State               state
	Since               string
}
