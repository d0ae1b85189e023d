package comment

import (
	"fmt"
	"time"
)

// Item is a comment with all that a decision needs. Text is the one to decide on; where it is an edit, Stands is what readers see
// meanwhile. Version is the number in the article's record that the commenter had read, 0 unknown, RecordHead the newest; Notice is what
// came since that they hadn't read. Passage is the sentence of the article that the comment quotes. Opinion is the decision that a second
// one is wanted on, 0 elsewhere. Near are comments from the same network on the day before now, this one left out and no more than fifty.
type Item struct {
	ID         int64
	ArticleID  int64
	Status     Status
	Name       string
	Email      string
	Address    string
	PostedAt   time.Time
	SortedAt   time.Time
	Staff      bool
	Imported   bool
	Erased     bool
	Pinned     bool
	Text       string
	TextID     int64
	TextAt     time.Time
	Stands     string
	Version    int
	RecordHead int
	Notice     *Notice
	Headline   string
	Standfirst string
	Path       string
	Language   string
	Passage    string
	Parent     *Parent
	Person     *Person
	Reasons    []Reason
	Score      *float64
	Telling    []Telling
	Near       int
	NearSpam   int
	Reports    int
	Appeal     *Appealing
	HeldBy     string // who has it before them in one-at-a-time mode
	HeldByMe   bool
	Decision   *Decision
	Opinion    int64

	liveVersion int
}

// Notice is an entry of the article's record.
type Notice struct {
	Kind string
	At   time.Time
}

// Appealing is what a comment's writer says against its rejection.
type Appealing struct {
	Text     string
	At       time.Time
	Answered bool
}

// Parent is the comment that another one answers.
type Parent struct {
	ID       int64
	Name     string
	Text     string
	PostedAt time.Time
	Status   Status
}

// Person is who wrote a comment, and what became of the newest two hundred they wrote. Banned with BannedUntil nil is for good. Refused is the
// reason of their last rejection, at RefusedAt. TrustedUntil is when their trust lapses, nil where they aren't trusted.
type Person struct {
	ID           int64
	FirstAt      time.Time
	Approved     int
	Rejected     int
	Spam         int
	Refused      string
	RefusedAt    *time.Time
	Confirmed    bool
	AlwaysHeld   bool
	TrustedUntil *time.Time
	Banned       bool
	BannedUntil  *time.Time
	BanReason    string
}

// Pick chooses the item for an act that counts only if nothing changed since it was read.
func (i *Item) Pick() Pick {
	p := Pick{ID: i.ID, Seen: true, Text: i.TextID}
	if i.Decision != nil {
		p.Decision = i.Decision.ID
	}
	return p
}

// IsEdit reports whether a new text of a published comment waits.
func (i *Item) IsEdit() bool { return i.Stands != "" }

// blind takes out what tells how the comment was decided.
func (i *Item) blind() {
	i.Status, i.Decision, i.Reports, i.Appeal, i.Pinned, i.SortedAt = Pending, nil, 0, nil, false, i.PostedAt
}

func object(id int64) string { return fmt.Sprintf("comment:%d", id) }
