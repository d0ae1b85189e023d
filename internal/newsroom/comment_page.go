package newsroom

import "stet/internal/page"

// commentsPage is the queue, or the comments that were decided one way. Here is its own address, to come back to.
type commentsPage struct {
	frame
	Here, Waiting string
	Views         []view
	Filter        filter
	All           string
	Bulk          []decision
	Items         []commentItem
	Foot          foot
	None          string
}

// decision is a button that decides; Reasons go with the one that needs a reason.
type decision struct {
	Value, Text string
	Act, Words  string
	Key         string
	Reasons     []option
}

// commentItem is a comment with all that a moderator needs to decide. Its texts are plain, cut into paragraphs: nothing a
// commenter typed is ever markup here. Stood is what readers see while an edit waits.
type commentItem struct {
	ID                  int64
	URL, Here           string
	Name, Status        string
	State               state
	Posted              page.Time
	Waits, Record       string
	ArticleURL, Article string
	Parent              *commentParent
	Stood               []string
	Text                [][]run
	Reasons             []holdReason
	Decided             string
	Choices             []decision
	Pick                string
	// Now marks the one that keys act on at first.
	Now bool
}

type commentParent struct {
	Name string
	At   page.Time
	Text []string
}

// run is a stretch of text; Marked ones are what a rule matched.
type run struct {
	Text   string
	Marked bool
}

type holdReason struct {
	Rule  string
	Words []string
}

// decidedPage answers a decision on a comment that somebody else decided meanwhile.
type decidedPage struct {
	frame
	URL, Back, Status, Said string
	CanUndo                 bool
}

type commentPages struct {
	queue   *page.Page[commentsPage]
	decided *page.Page[decidedPage]
}

func parseComments(s *page.Set) commentPages {
	return commentPages{
		queue:   page.Must[commentsPage](s, "newsroom/comments.html"),
		decided: page.Must[decidedPage](s, "newsroom/comment_decided.html"),
	}
}
