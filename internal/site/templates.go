package site

import "stet/internal/page"

// templates are the pages of this face.
type templates struct {
	front       *page.Page[frontPage]
	article     *page.Page[articlePage]
	history     *page.Page[historyPage]
	since       *page.Page[sincePage]
	list        *page.Page[listPage]
	author      *page.Page[authorPage]
	corrections *page.Page[correctionsPage]
	search      *page.Page[searchPage]
	respond     *page.Page[respondPage]
	receipt     *page.Page[receiptPage]
	wrong       *page.Page[wrongPage]
	complain    *page.Page[complainPage]
	answered    *page.Page[answeredPage]
	mailed      *page.Page[mailedPage]
	mine        *page.Page[minePage]
	notFound    *page.Page[notFoundPage]
	gone        *page.Page[gonePage]
	fault       *page.Page[faultPage]
}

func parse(s *page.Set) *templates {
	return &templates{
		front:       page.Must[frontPage](s, "site/front.html"),
		article:     page.Must[articlePage](s, "site/article.html"),
		history:     page.Must[historyPage](s, "site/history.html"),
		since:       page.MustFragment[sincePage](s, "site/since.html"),
		list:        page.Must[listPage](s, "site/list.html"),
		author:      page.Must[authorPage](s, "site/author.html"),
		corrections: page.Must[correctionsPage](s, "site/corrections.html"),
		search:      page.Must[searchPage](s, "site/search.html"),
		respond:     page.Must[respondPage](s, "site/respond.html"),
		receipt:     page.Must[receiptPage](s, "site/receipt.html"),
		wrong:       page.Must[wrongPage](s, "site/report_error.html"),
		complain:    page.Must[complainPage](s, "site/report_comment.html"),
		answered:    page.Must[answeredPage](s, "site/report_receipt.html"),
		mailed:      page.Must[mailedPage](s, "site/mailed.html"),
		mine:        page.Must[minePage](s, "site/mine.html"),
		notFound:    page.Must[notFoundPage](s, "site/notfound.html"),
		gone:        page.Must[gonePage](s, "site/gone.html"),
		fault:       page.Must[faultPage](s, "site/error.html"),
	}
}
