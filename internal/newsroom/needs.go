package newsroom

import (
	"cmp"
	"fmt"
	"net/http"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/staff"
)

// needsMe is the list of what needs who is asking.
const needsMe = "/newsroom/articles?needs=me"

// needs lists what needs actor: articles, then errors that readers reported.
func (a *articles) needs(r *http.Request, actor staff.Actor) ([]needRow, error) {
	needs, err := a.store.Needs(r.Context(), actor)
	if err != nil {
		return nil, err
	}
	errors, err := a.reports.Needs(r.Context(), actor)
	if err != nil {
		return nil, err
	}
	return append(needRows(needs, a.clock()), errorNeeds(errors, a.clock())...), nil
}

func needRows(needs []article.Need, c page.Clock) []needRow {
	out := make([]needRow, len(needs))
	for i, n := range needs {
		out[i] = needRow{URL: fmt.Sprintf("/newsroom/articles/%d", n.ID), Headline: cmp.Or(n.Headline, page.T("newsroom.untitled")), Do: page.T("newsroom.needs.do." + n.Reason),
			Why: needWords(n), At: c.Short(n.At)}
		if n.Headline != "" {
			out[i].Lang = n.Language
		}
	}
	return out
}

// needWords says why an article needs somebody.
func needWords(n article.Need) string {
	switch n.Reason {
	case article.NeedsMending:
		return page.T("newsroom.needs.failed-"+n.What, page.Say(n.Words))
	case article.NeedsRevision:
		return page.T("newsroom.needs.returned", n.Words)
	case article.NeedsWork:
		if n.Who == "" {
			return page.T("newsroom.needs.taken")
		}
		return page.T("newsroom.needs.assigned", n.Who)
	case article.NeedsReview:
		return page.T("newsroom.needs.review")
	}
	return page.T("newsroom.needs.notes", n.Who, short(n.Words, 160))
}
