package newsroom

import "stet/internal/page"

// mediaPage lists pictures and files by the day they came. Sum says how many there are, Lacks leads to those that something is missing of.
type mediaPage struct {
	frame
	CanUpload            bool
	Sum                  string
	Lacks                []page.Link
	Views                []view
	Filter               filter
	Days                 []mediaDay
	Foot                 foot
	None                 string
	Faults               []mistake
	Alt, Caption, Credit field
	// Types are what may be uploaded, FileFault what is wrong with what was.
	Types, FileFault string
}

type mediaDay struct {
	Day      string
	Pictures []mediaRow
}

// mediaRow is a picture or file in the list. Kind stands in its place where there is none to show; Lacks is what must be mended, said in red.
type mediaRow struct {
	picture
	Caption, Said, Kind, Lacks string
}

// picturePage is one picture or file with its words; Missing says why none is shown.
type picturePage struct {
	frame
	URL, Said, Missing, State            string
	CanEdit                              bool
	Faults                               []mistake
	Picture                              picture
	File                                 *fileView
	Focus                                []focusForm
	FocusSaid                            string
	X, Y                                 string
	Crops                                []cropView
	Uses                                 []useRow
	Others                               []page.Link
	Same                                 []page.Link
	Alt, Caption, Credit, FocalX, FocalY field
	Facts                                []fact
	Delete                               deleteView
	Withhold, Release                    bool
	WithheldSaid                         string
}

// fileView is a file as readers get it; Player is its address where it can be listened to, InText how a text hands it over.
type fileView struct{ URL, Name, Note, Player, InText string }

// focusForm is the picture to be pressed at the point that crops keep, at one fixed size: a browser without scripts tells where it was pressed in
// pixels of the screen, not in parts of the picture.
type focusForm struct {
	Class, Src    string
	Width, Height int
}

// cropView is a crop: a picture that was made, or until then the part of the whole one that it shows.
type cropView struct {
	Ratio, For, Label, Src, Box, Whole string
	Width, Height                      int
	WholeWidth, WholeHeight            int
}

// useRow is one place that shows the picture. URL is empty for an article that isn't the person's to see.
type useRow struct {
	URL, Headline, Lang string
	Place, Alt          string
	Same                bool
	State               state
}

// deleteView says whether the picture may be deleted, or why not.
type deleteView struct {
	Can bool
	Why string
}

// wordsPage asks for the words of several files that have just come, and says which didn't.
type wordsPage struct {
	frame
	IDs     string
	Faults  []mistake
	Files   []wordsRow
	Refused []refusedFile
}

type wordsRow struct {
	picture
	ID                   int64
	Name, Note           string
	Same                 *page.Link
	Alt, Caption, Credit field
	IsPicture            bool
}

type refusedFile struct{ Name, Why string }

type mediaPages struct {
	list  *page.Page[mediaPage]
	one   *page.Page[picturePage]
	words *page.Page[wordsPage]
}

func parseMedia(s *page.Set) mediaPages {
	return mediaPages{page.Must[mediaPage](s, "newsroom/media.html"), page.Must[picturePage](s, "newsroom/picture.html"), page.Must[wordsPage](s, "newsroom/media_words.html")}
}
