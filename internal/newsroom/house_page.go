package newsroom

import "stet/internal/page"

type usersPage struct {
	frame
	Rows                  []userRow
	Faults                []fault
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
	Faults         []fault
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

type settingsPage struct {
	frame
	Faults                    []fault
	SiteFields, CommentFields []field
	ASCII                     field
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

type housePages struct {
	users    *page.Page[usersPage]
	user     *page.Page[userPage]
	account  *page.Page[accountPage]
	settings *page.Page[settingsPage]
	audit    *page.Page[auditPage]
	fault    *page.Page[faultPage]
}

func parseHouse(s *page.Set) housePages {
	return housePages{
		users:    page.Must[usersPage](s, "newsroom/users.html"),
		user:     page.Must[userPage](s, "newsroom/user.html"),
		account:  page.Must[accountPage](s, "newsroom/account.html"),
		settings: page.Must[settingsPage](s, "newsroom/settings.html"),
		audit:    page.Must[auditPage](s, "newsroom/audit.html"),
		fault:    page.Must[faultPage](s, "newsroom/fault.html"),
	}
}

// pages are all pages of the newsroom, parsed at the start.
type pages struct {
	signPages
	articlePages
	actPages
	commentPages
	deskPages
	housePages
}

func parse(s *page.Set) pages {
	return pages{parseSign(s), parseArticles(s), parseActs(s), parseComments(s), parseDesk(s), parseHouse(s)}
}
