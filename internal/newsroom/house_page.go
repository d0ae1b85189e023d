package newsroom

import "stet/internal/page"

type usersPage struct {
	frame
	Rows                  []userRow
	Faults                []mistake
	Name, Email, Password field
	Roles                 field
}

type userRow struct {
	URL, Name, Email, Roles, Factor string
	State                           state
}

// userPage is one person who signs in, as an admin sees them. Acts are what else may be done, each with what follows from it.
type userPage struct {
	frame
	URL, Email     string
	State          state
	Faults         []mistake
	Name, Password field
	Roles          field
	Acts           []userAct
}

type userAct struct{ URL, Text, Hint string }

// accountPage is somebody's own: their password and where they are signed in.
type accountPage struct {
	frame
	Email             string
	Sessions          []sessionRow
	Current, Password field
}

type sessionRow struct {
	ID, Device, Address string
	Since, Seen         page.Time
	Here                bool
}

// settingsPage is the form of the site. Changed names the state that was read, so that two admins can't undo each other unseen.
type settingsPage struct {
	frame
	Changed                   string
	Faults                    []mistake
	SiteFields, CommentFields []field
	FaceFields, AroundFields  []field
	Logo                      picture
	Swatches                  []swatch
	Reads                     field
	ModerationFields          []field
	ASCII                     field
	// Required are the checks that keep an article from being published while they are open.
	Required field
}

type auditPage struct {
	frame
	Filter filter
	Days   []auditDay
	Foot   foot
}

type auditDay struct {
	Day  string
	Rows []auditRow
}

// auditRow is one act; Person is empty where nobody was signed in, or the program acted by itself.
type auditRow struct {
	At                               page.Time
	Person, Act, Detail, Object, URL string
}

type peoplePages struct {
	list *page.Page[usersPage]
	one  *page.Page[userPage]
}

func parsePeople(s *page.Set) peoplePages {
	return peoplePages{page.Must[usersPage](s, "newsroom/users.html"), page.Must[userPage](s, "newsroom/user.html")}
}

type housePages struct {
	settings *page.Page[settingsPage]
	audit    *page.Page[auditPage]
}

func parseHouse(s *page.Set) housePages {
	return housePages{page.Must[settingsPage](s, "newsroom/settings.html"), page.Must[auditPage](s, "newsroom/audit.html")}
}
