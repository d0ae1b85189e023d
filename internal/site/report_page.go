package site

import (
	"html/template"

	"stet/internal/page"
)

// wrongPage is the form for an error in an article.
type wrongPage struct {
	page.Base
	Article page.Link
	Form    errorForm
}

// errorForm is what was typed of an error and what is wrong with it.
type errorForm struct {
	Action                   string
	Quote, Body, Name, Email string
	Credit                   bool
	Version                  int
	Wrong                    errorFaults
	// Any says that something is wrong; Whole is about the form as a whole.
	Any   bool
	Whole string
	// status is what the form answers with, 0 for OK; retry how many seconds to wait before another try.
	status, retry int
}

// errorFaults are sentences by field.
type errorFaults struct{ Body, Name, Email string }

// complainPage is the form that reports a comment, which stands above it; Comment is nil where it vanished while the form was filled in.
type complainPage struct {
	page.Base
	Article page.Link
	Comment *remark
	Form    complaint
}

// complaint is what was typed of a report of a comment and what is wrong with it.
type complaint struct {
	Action                      string
	Reasons                     []choice
	Ground, Detail, Name, Email string
	Faith                       bool
	Wrong                       complaintFaults
	Any                         bool
	Whole                       string
	status, retry               int
}

// choice is one of several values.
type choice struct {
	Value, Text string
	Chosen      bool
}

type complaintFaults struct{ Reason, Ground, Detail, Name, Email, Faith string }

// answeredPage is the receipt of a report, of an error or of a comment: where it stands, the newsroom's answer, what can still be done. Status is a
// word for it.
type answeredPage struct {
	page.Base
	Status, Kicker, Said string
	Steps                []step
	Article              page.Link
	About                template.HTML
	Quote                string
	Action               string
	// Appeals tells that an appeal can be made, Appeal is what was typed of it.
	Appeals       bool
	Appeal, Wrong string
	Erases        bool
	Why           string
}
