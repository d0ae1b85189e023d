package site

import (
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/page"
)

// recordRows is how many rows of the record stand beside an article.
const recordRows = 6

// record is the article's public record in the margin: the first row and the newest ones.
func (v *visit) record(l *article.Live) *record {
	if len(l.Record) == 0 {
		return nil
	}
	out := &record{History: below(l.Path, "history")}
	rows := l.Record
	if len(rows) > recordRows {
		out.More = page.N("record.all", len(rows))
		rows = append(slices.Clone(rows[:1]), rows[len(rows)-recordRows+1:]...)
	}
	first, stands := published(l), map[int]bool{}
	for _, n := range l.Notices() {
		stands[n.Number] = true
	}
	for i := range rows {
		p := &rows[i]
		row := recordRow{At: v.clock.Hour(p.At()), Kind: p.Kind, Text: kind(p.Kind)}
		if !v.sameDay(first, rows[len(rows)-1].At()) || !v.sameDay(first, v.Now()) {
			row.At = v.clock.Brief(p.At())
		}
		switch {
		case p.Number == 1:
			row.URL = "#body"
		case p.Amends != 0:
			row.Text, row.URL = page.T("record.amended"), anchor(p.Amends)
		case p.Notice != "":
			row.URL, row.What = anchor(p.Number), excerpt(noticeText(p.Notice), 60)
			if !stands[p.Number] { // a retraction that was taken back stands in the history alone
				row.URL = out.History + "#entry-" + strconv.Itoa(p.Number)
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// struck is what a notice shows as wrong, which a line of plain text leaves out.
var struck = regexp.MustCompile(`(?s)<del>.*?</del> ?`)

// noticeText is a notice as plain text.
func noticeText(html string) string { return markup.Text(struck.ReplaceAllString(html, "")) }

// notices are the notices in force: those pinned above the text, and those below it, each oldest first.
func (v *visit) notices(l *article.Live, ps pictures) (pinned, below []notice) {
	for _, n := range l.Notices() {
		if n.Pinned {
			pinned = append(pinned, v.notice(l, n, ps))
		} else {
			below = append(below, v.notice(l, n, ps))
		}
	}
	return pinned, below
}

func (v *visit) notice(l *article.Live, n article.Notice, ps pictures) notice {
	out := notice{ID: strings.TrimPrefix(anchor(n.Number), "#"), Kind: n.Kind, Label: kind(n.Kind), At: v.clock.DayTime(n.At), Self: anchor(n.Number),
		Said: page.T("notice.number", n.Number), HTML: v.renderNotice(ps, n.Number).HTML(n.HTML)}
	if n.AmendedAt != nil {
		out.Amended, out.History = v.clock.When(*n.AmendedAt), below(l.Path, "history#entry-")+strconv.Itoa(n.Number)
	}
	out.Credited, out.Credits = v.credited(l.ID, n.Number, l.Path)
	text, home := v.foreign(l.Content.Language)
	out.Home = home
	if text != nil && text.Dir != home.Dir {
		out.Turned = text
	}
	return out
}

// history is the whole record of an article, newest first.
func (a *articles) history(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	v, err := a.visit(r)
	if err != nil {
		return err
	}
	title := l.Content.Headline
	var at int64
	if l.Content.Category != nil {
		at = l.Content.Category.ID
	}
	p := historyPage{Base: v.page(page.T("history.title", title), strings.TrimSuffix(l.Path, "/")+"/history", at), Article: page.Link{URL: href(l.Path), Text: title}, Summary: summary(l.Record)}
	if l.Kind == article.KindArticle {
		p.Report = v.report(l)
	}
	about(&p.Base, page.T("history.about"))
	if l.NoIndex {
		p.Robots = "noindex"
	}
	p.Tongue, _ = v.foreign(l.Content.Language)
	withheld := map[int]bool{}
	for i := range l.Record {
		for _, n := range l.Record[i].Withholds {
			withheld[n] = true
		}
	}
	ps, err := v.pictures(recordMedia(l.Record)...)
	if err != nil {
		return err
	}
	diffs, err := a.diffs(v, l)
	if err == nil {
		err = v.credit(l).Run(v.ctx)
	}
	if err != nil {
		return err
	}
	for i := range slices.Backward(l.Record) {
		row := &l.Record[i]
		e := v.entry(l, row, withheld, ps)
		if row.Version == row.Number && i > 0 {
			if d, ok := diffs[row.Version]; ok {
				e.Diff = changes(&d)
				if e.Diff != nil && d.Against != l.Record[i-1].Version {
					e.Diff.Against = page.T("diff.against", d.Against)
				}
			}
		}
		p.Entries = append(p.Entries, e)
	}
	v.public(w, articleTag(l.ID))
	return a.tmpl.history.Write(w, r, http.StatusOK, p)
}

// diffs reads what each version changed, where there is more than one.
func (a *articles) diffs(v *visit, l *article.Live) (map[int]article.Diff, error) {
	for i := range l.Record {
		if l.Record[i].Version > l.Record[0].Version {
			return a.Articles.LiveDiffs(v.ctx, l.ID)
		}
	}
	return nil, nil
}

func recordMedia(rows []article.Publication) []int64 {
	var blocks []markup.Block
	for _, p := range rows {
		blocks = append(blocks, markup.Block{HTML: p.Notice})
	}
	return markup.MediaIDs(blocks)
}

// entry is one row of the record in the history.
func (v *visit) entry(l *article.Live, p *article.Publication, withheld map[int]bool, ps pictures) notice {
	n := notice{ID: "entry-" + strconv.Itoa(p.Number), Kind: p.Kind, Label: kind(p.Kind), At: v.clock.DateTime(p.At()), Said: page.T("history.number", p.Number),
		Seal: short(p.Hash), Before: short(p.PrevHash)}
	if p.Notice != "" {
		n.HTML = v.renderNotice(ps, p.Number).HTML(p.Notice)
	}
	n.Credited, n.Credits = v.credited(l.ID, p.Number, l.Path)
	if p.Amends != 0 {
		n.Label, n.Lost = page.T("record.amended"), page.T("history.amends", p.Amends)
	}
	if p.ClaimedAt != nil {
		n.Lost = page.T("history.imported", v.clock.DateTime(p.RecordedAt).Text)
	}
	switch {
	case withheld[p.Version]:
		n.Lost = page.T("history.withheld")
	case p.Number == l.Number:
		n.Reads = &page.Link{URL: href(l.Path), Text: page.T("history.now")}
	default:
		n.Reads = &page.Link{URL: below(l.Path, "v/") + strconv.Itoa(p.Number), Text: page.T("history.then")}
	}
	return n
}

// short is the beginning of a hash, in groups that can be read aloud.
func short(hash []byte) string {
	if len(hash) < 8 {
		return ""
	}
	h := hex.EncodeToString(hash[:8])
	return h[:4] + " " + h[4:8] + " " + h[8:12] + " " + h[12:]
}

// summary says in a sentence what the record holds.
func summary(rows []article.Publication) string {
	count := map[string]int{}
	for i := range rows {
		k := rows[i].Kind
		if rows[i].Amends != 0 {
			k = "amended"
		}
		count[k]++
	}
	var parts []string
	for _, k := range []string{article.Original, article.ImportedRow, article.Update, article.Correction, article.Clarification, article.Note, article.Minor, "amended",
		article.Retraction, article.WithdrawnRow, article.Restored, article.WithheldRow} {
		if n := count[k]; n > 0 {
			parts = append(parts, page.N("summary."+k, n))
		}
	}
	return page.T("summary", strings.Join(parts, ", "))
}
