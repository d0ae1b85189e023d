package comment

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"stet/internal/fault"
	"stet/internal/staff"
)

// CanModerate reports whether actor may see the queue and decide on comments.
func CanModerate(actor staff.Actor) bool { return actor.Moderates() }

// Act is what a moderator does with a comment.
type Act string

// Undo puts back what the last decision that stands changed; the others are decisions.
const (
	Approve  Act = "approve"
	Reject   Act = "reject" // where an edit of an approved comment waits, the edit alone
	MarkSpam Act = "spam"
	Hold     Act = "hold" // back into the queue
	Undo     Act = "undo"
)

// What may have happened to a comment besides a moderator's decision.
const (
	actEdit  Act = "edit"
	actErase Act = "erase"
)

// Decision is one act of a moderator; By is their name.
type Decision struct {
	ID     int64
	Act    Act
	Reason string
	By     string
	At     time.Time
}

// Decided says that a comment was decided, changed ("edit") or deleted ("erase") since the actor saw it; errors.Is(err, fault.Conflict)
// holds. Status and Decision are what stands now; Act is empty where nobody decided anything.
type Decided struct {
	ID     int64
	Status Status
	Decision
}

// Error names the comment and what happened to it.
func (e *Decided) Error() string {
	return fmt.Sprintf("comment %d is %s already (%s)", e.ID, e.Status, e.Decision.Act)
}

// Is makes it a conflict.
func (e *Decided) Is(target error) bool { return target == fault.Conflict }

// Pick is a comment chosen for an act. Where Seen holds, the act counts only if Text is still the one to decide on and Decision still the
// last one that stands (0: none).
type Pick struct {
	ID       int64
	Seen     bool
	Text     int64
	Decision int64
}

// String is the form value that ParsePick reads.
func (p Pick) String() string {
	if !p.Seen {
		return strconv.FormatInt(p.ID, 10)
	}
	return fmt.Sprintf("%d.%d.%d", p.ID, p.Text, p.Decision)
}

// ParsePick reads "ID", or "ID.TEXT.DECISION" as an Item gives it. Anything else is NotFound, like a comment that isn't there.
func ParsePick(s string) (Pick, error) {
	parts := strings.Split(s, ".")
	if len(parts) != 1 && len(parts) != 3 {
		return Pick{}, fault.NotFound
	}
	numbers := make([]int64, 3)
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil || n < 0 {
			return Pick{}, fault.NotFound
		}
		numbers[i] = n
	}
	return Pick{ID: numbers[0], Seen: len(parts) == 3, Text: numbers[1], Decision: numbers[2]}, nil
}

// state is what a decision changes and Undo puts back. Ids of texts are nil where there is none.
type state struct {
	Status  Status
	Shown   *int64
	Pending *int64
}

// queued reports whether something waits for a decision: a new comment, or an edit of an approved one.
func (s state) queued() bool { return s.Pending != nil }

// text is the one that a decision is about.
func (s state) text() *int64 {
	if s.Pending != nil {
		return s.Pending
	}
	return s.Shown
}

// after is the state that a decision leads to.
func (s state) after(act Act) state {
	switch {
	case act == Approve:
		return state{Approved, s.text(), nil}
	case act == Hold:
		return state{Pending, nil, s.text()}
	case act == Reject && s.Status == Approved && s.queued():
		return state{Approved, s.Shown, nil}
	case act == Reject:
		return state{Rejected, s.text(), nil}
	default:
		return state{Spam, s.text(), nil}
	}
}

// before is the state that taking act back leads to: was, except that a text sent since then isn't lost but waits.
func (s state) before(was state, act Act) state {
	if s.Pending == nil || same(s.Pending, was.after(act).Pending) {
		return was
	}
	was.Pending = s.Pending
	// A comment that isn't approved shows no text while one of it waits.
	if was.Status != Approved {
		was.Status, was.Shown = Pending, nil
	}
	return was
}

func same(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }
