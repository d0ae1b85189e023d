package newsroom

import "stet/internal/page"

// correctionsPage lists the errors that readers reported.
type correctionsPage struct {
	frame
	Views  []view
	Filter filter
	// Article is the one that the list is about, where it is about one; All leads to those of all.
	Article, All string
	Rows         []errorItem
	Foot         foot
	None         string
}

// errorItem is a report of an error with what an answer needs. All of it that a reader typed is plain text, cut into paragraphs.
type errorItem struct {
	ID                  int64
	URL                 string
	ArticleURL, Article string
	Lang                string
	State               state
	At                  page.Time
	Waits, Who, Read    string
	Quote               string
	// Still says whether the text still says what was quoted, Passage is what it says there now, where that is something else.
	Still, Passage string
	Body           []string
	Answered       string
	Gone           bool
}

// correctionPage is one report with all that can be done to it. Seen is the status that its forms were written for; Told what happened to it
// meanwhile.
type correctionPage struct {
	frame
	Item   errorItem
	Told   string
	Seen   string
	Email  string
	Facts  []fact
	Faults []mistake
	// Write leads to the form of a notice that answers it. Notices are those that may have answered it already.
	Write    string
	Notices  field
	Checks   bool
	Declines bool
	Reopens  bool
	Undoes   bool
	Reason   field
}

type correctionPages struct {
	list *page.Page[correctionsPage]
	one  *page.Page[correctionPage]
}

func parseCorrections(s *page.Set) correctionPages {
	return correctionPages{
		list: page.Must[correctionsPage](s, "newsroom/corrections.html"),
		one:  page.Must[correctionPage](s, "newsroom/correction.html"),
	}
}
