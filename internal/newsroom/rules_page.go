package newsroom

import "stet/internal/page"

// rulesPage is all rules with their cost.
type rulesPage struct {
	frame
	Rows []ruleRow
}

// ruleRow is a rule in the list of all; Changed is by whom and when.
type ruleRow struct {
	URL, Name, Where, Held, Approved, Changed string
	State                                     state
	Here                                      bool
}

// rulePage is one rule, or one that is only typed, beside what it would have done. Kinds are the forms to choose from for a new one. Text is
// the key of what switching does, Then its value.
type rulePage struct {
	frame
	URL, Delete, Kind string
	State             state
	Tried             string
	Faults            []mistake
	Kinds             []view
	Fields            []field
	Trusted, Told     field
	Text, Then        string
	Trial             *trialPart
	Rows              []ruleRow
}

// trialPart is what a rule would have done. Held, Passed and Caught draw the bar: how many, and how many of each.
type trialPart struct {
	Verdict              string
	Held, Passed, Caught int
	Bar                  string
	PassedSaid           string
	CaughtSaid           string
	Facts                []trialFact
	Line, LineSaid       string
	Examples             []exampleRow
	Drawn                string
}

type trialFact struct{ Term, Text string }

// exampleRow is a comment that the rule would have held, cut to where it matches.
type exampleRow struct {
	URL, Name, Lang string
	Text            []run
	State           state
	At              page.Time
}

type rulePages struct {
	list *page.Page[rulesPage]
	one  *page.Page[rulePage]
}

func parseRules(s *page.Set) rulePages {
	return rulePages{page.Must[rulesPage](s, "newsroom/rules.html"), page.Must[rulePage](s, "newsroom/rule.html")}
}
