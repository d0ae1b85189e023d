package mail

import "stet/internal/page"

// Envelope is whom a letter is for, and what names it for good.
type Envelope struct {
	To, Recipient, Ref string
}

func (e Envelope) letter(kind string) Letter {
	return Letter{To: e.To, Recipient: e.Recipient, Ref: e.Ref, Kind: kind}
}

// Reply is an answer of which somebody is told: by whom, under which article, its text and its full address.
type Reply struct {
	Name, Headline, Text, URL string
}

// Replies tells of one reply or of several. Notices is the full address of the page, and of the one click, that stops them.
func Replies(e Envelope, list []Reply, notices string) Letter {
	l := e.letter("replies")
	l.Title = page.N("mail.replies.title", len(list))
	for _, r := range list {
		l.Items = append(l.Items, Item{Head: page.T("mail.replies.head", r.Name, r.Headline), Text: r.Text, URL: r.URL})
	}
	if len(list) == 1 {
		r := &list[0]
		l.Title = page.T("mail.reply.title", r.Name, r.Headline)
		l.Items[0].Head, l.Items[0].URL = page.T("mail.reply.head", r.Name), ""
		l.Button = &page.Link{URL: r.URL, Text: page.T("mail.reply.read")}
	}
	l.Subject = l.Title
	l.After = []string{page.T("mail.replies.why")}
	l.Foot = []page.Link{{URL: notices, Text: page.T("mail.replies.stop")}}
	l.Unsubscribe = notices
	return l
}

// Confirm asks whether somebody wants to hear of replies to a comment of theirs, under the article of that headline. Link is the full address
// of the page on which they say so.
func Confirm(e Envelope, headline, link string) Letter {
	l := e.letter("confirm")
	l.Title = page.T("mail.confirm.title")
	l.Subject = l.Title
	l.Paragraphs = []string{page.T("mail.confirm.why", headline), page.T("mail.confirm.how")}
	l.Button = &page.Link{URL: link, Text: page.T("mail.confirm.button")}
	l.After = []string{page.T("mail.confirm.not")}
	return l
}

// Data leads somebody to what is kept about them. Site is the site's name, link the page's full address.
func Data(e Envelope, site, link string) Letter {
	l := e.letter("data")
	l.Title = page.T("mail.data.title", site)
	l.Subject = l.Title
	l.Paragraphs = []string{page.T("mail.data.why")}
	l.Button = &page.Link{URL: link, Text: page.T("mail.data.button")}
	l.After = []string{page.T("mail.data.not")}
	return l
}

// Notice is something that a member of the newsroom is told: what is one of the jobs room's, About the headline it concerns, Detail what
// somebody or something said of it, Link where it stands in the newsroom.
type Notice struct {
	What, About, Detail, Link string
}

// Alert tells a member of the newsroom of something.
func Alert(e Envelope, n Notice) Letter {
	l := e.letter("alert-" + n.What)
	l.Title = page.T("mail.alert."+n.What, n.About)
	l.Subject = l.Title
	l.Paragraphs = []string{page.T("mail.alert.said." + n.What)}
	if n.Detail != "" {
		l.Items = []Item{{Head: page.T("mail.alert.detail." + n.What), Text: n.Detail}}
	}
	l.Button = &page.Link{URL: n.Link, Text: page.T("mail.alert.open")}
	return l
}
