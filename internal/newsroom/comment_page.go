package newsroom

import "stet/internal/page"

// commentsPage is the queue, or one of its other lists. Here is its own address, to come back to.
type commentsPage struct {
	frame
	Here   string
	Wait   waitLine
	Others string
	Views  []view
	Filter filter
	All    string
	Bulk   []decision
	Person *personLine
	Items  []commentItem
	Foot   foot
	None   string
	Blind  string
	Alarm  string
	Side   queueSide
}

// waitLine says how much waits, Late whether for too long. Since is the rest of the line.
type waitLine struct {
	Count, Since string
	Late         bool
}

// personLine says that the list is one person's; All is how many of theirs wait, where what is chosen for one can be done to all.
type personLine struct {
	ID        int64
	URL, Text string
	Waits     string
}

// decision is a button that decides; Reasons go with the one that needs a reason.
type decision struct {
	Value, Text string
	Act, Words  string
	Key         string
	Reasons     []option
}

// commentItem is a comment with all that a moderator needs to decide. Its texts are plain, cut into paragraphs: nothing a
// commenter typed is ever markup here. Stood is what readers see while an edit waits, Changed what the edit does to it.
type commentItem struct {
	ID                    int64
	URL, Here             string
	Name, Status          string
	State                 state
	Posted                page.Time
	Waits                 string
	Who                   []string
	Record, RecordText    string
	Email, Address        string
	ArticleURL, Article   string
	Lang, Standfirst      string
	Passage               string
	Overtaken             string
	Parent                *commentParent
	Stood                 []string
	Changed               [][]diffSpan
	Text                  [][]run
	Reasons               []holdReason
	Spam                  string
	Tokens                []tokenWeight
	Reports, Appeal       string
	AppealText            []string
	HeldBy                string
	Decided               string
	Choices               []decision
	Pick                  string
	Opinion               int64
	Ban                   string
	CanPin, Pinned, Reply bool
	// Now marks the one that keys act on at first; Choose that it can be chosen among others.
	Now, Choose bool
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

// tokenWeight is a word that told of spam, or against it.
type tokenWeight struct{ Token, Weight string }

// decidedPage answers a decision on a comment that somebody else decided meanwhile, and an opinion with what was decided.
type decidedPage struct {
	frame
	URL, Back, Status, Said, Hint string
	CanUndo, CanHold              bool
}

// onePage is one comment for a thumb. Item is nil where nothing is before the moderator.
type onePage struct {
	frame
	Wait    waitLine
	Item    *commentItem
	Reasons []option
	None    string
	More    bool
}

// historyPage is everything that happened to one comment.
type historyPage struct {
	frame
	Item   commentItem
	Erased bool
	Events []event
	Reply  field
	Faults []mistake
	Acts   []plainAct
}

// event is one thing that happened; Undo is where it can be taken back, empty where it can't.
type event struct {
	At         page.Time
	What, Who  string
	Text       []string
	Undone     string
	Undo, Pick string
}

// plainAct is a button of its own form. Words is a key.
type plainAct struct{ URL, Words, Back string }

// commenterPage is a person who comments.
type commenterPage struct {
	frame
	URL   string
	Facts []factLine
	Items []commentItem
	Foot  foot
	Acts  []plainAct
	Queue string
	Ban   string
	Data  *personalData
}

// factLine is a term and what is to be said of it.
type factLine struct{ Name, Value string }

// commentLogPage is all decisions, or one moderator's.
type commentLogPage struct {
	frame
	Here   string
	Filter filter
	Days   []logDay
	Foot   foot
}

type logDay struct {
	Day  string
	Rows []logRow
}

type logRow struct {
	At               page.Time
	By, Act, Reason  string
	URL, Name, Words string
	Undone, Undo     string
}

// banPage asks for how long and how widely who wrote a comment is banned.
type banPage struct {
	frame
	Item   commentItem
	Back   string
	Faults []mistake
	Fields []field
	Ticks  []field
}

// bansPage lists the bans.
type bansPage struct {
	frame
	Here string
	Rows []banRow
	Foot foot
}

// banRow is a ban. Lift and Undo are empty once it is over; Hides says that it hid comments, which Undo shows again.
type banRow struct {
	URL, Name   string
	Whom        []string
	Reason, By  string
	At          page.Time
	Until, Over string
	Lift, Undo  string
	Hides       bool
}

// emergencyPage says what the switch is at, and what each way of turning it does.
type emergencyPage struct {
	frame
	Now  string
	Acts []emergencyAct
}

// emergencyAct is one way to turn it; Words and Follows are keys.
type emergencyAct struct {
	URL, Words, Follows string
	Ends                bool
}

type commentPages struct {
	ban       *page.Page[banPage]
	bans      *page.Page[bansPage]
	emergency *page.Page[emergencyPage]
	queue     *page.Page[commentsPage]
	decided   *page.Page[decidedPage]
	one       *page.Page[onePage]
	history   *page.Page[historyPage]
	commenter *page.Page[commenterPage]
	log       *page.Page[commentLogPage]
}

func parseComments(s *page.Set) commentPages {
	return commentPages{
		ban:       page.Must[banPage](s, "newsroom/ban.html"),
		bans:      page.Must[bansPage](s, "newsroom/bans.html"),
		emergency: page.Must[emergencyPage](s, "newsroom/emergency.html"),
		queue:     page.Must[commentsPage](s, "newsroom/comments.html"),
		decided:   page.Must[decidedPage](s, "newsroom/comment_decided.html"),
		one:       page.Must[onePage](s, "newsroom/comment_one.html"),
		history:   page.Must[historyPage](s, "newsroom/comment.html"),
		commenter: page.Must[commenterPage](s, "newsroom/commenter.html"),
		log:       page.Must[commentLogPage](s, "newsroom/comment_log.html"),
	}
}
