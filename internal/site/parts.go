package site

import (
	"html/template"

	"stet/internal/page"
)

// image is a picture as a page shows it. Width and height keep its room before it loads.
type image struct {
	Src, Srcset, Sizes string
	Width, Height      int
	Alt                string
	// Sources are better files of it, the best first, or other shapes of it for other windows.
	Sources []source
	// Class is for portraits, which the grid places.
	Class string
	// First marks the picture that is seen first, which loads at once; all others wait until they come near.
	First bool
}

// source is one choice of a picture, as markup.Source is, with the width at which it is drawn.
type source struct {
	Type, Media, Srcset, Sizes string
	Width, Height              int
}

// tongue is the language of a part where it isn't the one around it.
type tongue struct{ Lang, Dir string }

// label names a kind in a word; Kind is also its class. URL and At may be missing.
type label struct {
	Kind, URL, Text string
	At              page.Time
}

// story is an article wherever it is announced: a front, a band, a list, search.
type story struct {
	URL, Headline, Standfirst string
	Tongue                    *tongue
	// Home is the page's own language, for the words around a headline in another.
	Home   *tongue
	Kicker *page.Link
	Label  string
	// Live tells that it is being added to while it is read.
	Live     bool
	Byline   string
	At       page.Time
	Comments int
	Marks    []label
	Image    *image
	First    bool
	// Sub sets the headline one level lower, under a section's own.
	Sub bool
	// Found are the passages that a search matched, in place of the standfirst; Title is the headline with what matched marked.
	Found, Title []span
	Also         []page.Link
}

// span is a piece of text, marked where a search found it.
type span struct {
	Text string
	Mark bool
}

// band is a section of stories with its name in the margin.
type band struct {
	ID, Class, Note string
	Title           page.Link
	Within          []page.Link
	Stories         []story
}

// pages leads through a list that is longer than a page.
type pages struct {
	Text                 string
	Newer, Older         string
	NewerText, OlderText string
}

// notice is an entry of the public record that readers see with its text.
type notice struct {
	ID, Kind, Label string
	At, Amended     page.Time
	// Self is the notice's own address, Said what stands beside it: its number in the record.
	Self, Said string
	History    string
	HTML       template.HTML
	Home       *tongue
	Turned     *tongue
	// Link and Article are the article on pages that gather notices of several.
	Link *page.Link
	// Seal and Before are the hashes of the entry and of the one before, in the history.
	Seal, Before string
	// Reads is the version that this entry made public, in the history.
	Reads *page.Link
	Lost  string
	// Credited says that readers reported what it corrects, Credits who; a name without an address was given in the form.
	Credited string
	Credits  []page.Link
	// Diff is what changed with it, in the history.
	Diff *diff
}

// diff is what changed between two versions, part by part.
type diff struct {
	Parts []diffPart
	// Same says how much didn't.
	Same string
	// Against says with which version it was compared, where that isn't the one just before.
	Against string
}

type diffPart struct {
	Title string
	Lines []diffLine
}

type diffLine struct {
	Spans []diffSpan
	Note  string
}

type diffSpan struct {
	Text        string
	Added, Gone bool
}

// ask is a large search form.
type ask struct{ Query string }
