package newsroom

import "stet/internal/page"

// loginPage is the door. Said is a key: what brought somebody here, such as a session that ended. Kept is the form that goes along to Action.
type loginPage struct {
	frame
	Action, Next, Said, Contact string
	Kept                        []param
	Email, Password             field
}

// codePage is the second step, where a factor is set.
type codePage struct {
	frame
	Action, Next string
	Kept         []param
	Code         field
}

type signPages struct {
	login *page.Page[loginPage]
	code  *page.Page[codePage]
}

func parseSign(s *page.Set) signPages {
	return signPages{
		login: page.Must[loginPage](s, "newsroom/login.html"),
		code:  page.Must[codePage](s, "newsroom/login_code.html"),
	}
}

// faultPage says in the newsroom's dress what can't be done; Fields are the faults of a form that had no page of its own.
type faultPage struct {
	frame
	Text   string
	Fields []mistake
	Back   page.Link
}

func parseFault(s *page.Set) *page.Page[faultPage] {
	return page.Must[faultPage](s, "newsroom/fault.html")
}
