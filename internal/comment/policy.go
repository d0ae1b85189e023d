package comment

import "time"

// Policies of comments, as they stand in settings, categories and articles. Where nothing is said (undecided), what is above decides: of an
// article its first category, of a category the one above it, at last the site.
const (
	policyOpen         = "open"
	policyPremoderated = "premoderated"
	policyClosed       = "closed"
	undecided          = "default"
)

// Policy is all that decides whether an article takes comments, and whether they are read before they appear. Category is what the nearest
// category says, "default" where none does. Days are those after publication when comments close: the article's and the nearest category's
// where they say any, else the site's; 0 is never. Emergency is the switch for the whole site: empty, premoderated or closed. Storm says
// that far more newcomers than usual write. A static page takes no comments by default.
type Policy struct {
	Emergency    string
	Storm        bool
	Article      string
	Category     string
	Site         string
	Page         bool
	ArticleDays  *int
	CategoryDays *int
	SiteDays     int
	PublicAt     time.Time
}

// said is the policy before the emergency switch, storms and age. Earned reports whether trust opens it: an article's own word holds for all.
func (p Policy) said() (policy string, earned bool) {
	switch {
	case p.Article != undecided:
		return p.Article, false
	case p.Page:
		return policyClosed, false
	case p.Category != undecided && p.Category != "":
		return p.Category, true
	}
	return p.Site, true
}

// days after which comments close, 0 for never.
func (p Policy) days() int {
	switch {
	case p.ArticleDays != nil:
		return *p.ArticleDays
	case p.CategoryDays != nil:
		return *p.CategoryDays
	}
	return p.SiteDays
}

// ClosesAt is when comments close by age: the zero time where they don't. An article that says for itself that it takes comments isn't
// closed by days that were set elsewhere, and one that says they are open not even by its own.
func (p Policy) ClosesAt() time.Time {
	byHand := p.Article == policyOpen || p.Article == policyPremoderated && p.ArticleDays == nil
	if byHand || p.days() == 0 {
		return time.Time{}
	}
	return p.PublicAt.AddDate(0, 0, p.days())
}

// Closed reports whether no comment is taken at now.
func (p Policy) Closed(now time.Time) bool {
	if said, _ := p.said(); said == policyClosed || p.Emergency == policyClosed {
		return true
	}
	at := p.ClosesAt()
	return !at.IsZero() && !now.Before(at)
}

// ReadFirst reports whether comments of people who haven't earned trust are read before they appear, where they are taken at all.
func (p Policy) ReadFirst() bool { return p.holds(false) != "" }

// holds is the reason for which the policy holds a text, empty where it doesn't. Where comments are closed there are edits still.
func (p Policy) holds(trusted bool) string {
	said, earned := p.said()
	switch {
	case p.Emergency != "":
		return ruleEmergency
	case p.Storm:
		return ruleStorm
	case said == policyPremoderated && !(trusted && earned), said == policyClosed:
		return rulePremoderated
	}
	return ""
}
