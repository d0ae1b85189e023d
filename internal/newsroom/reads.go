package newsroom

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/reads"
	"stet/internal/settings"
	"stet/internal/staff"
)

// readings show how often articles are read.
type readings struct {
	*face
	articles *article.Store
	store    *reads.Store
	page     *page.Page[readsPage]
}

// readsPage is one article's reads. Total is empty while nobody read it.
type readsPage struct {
	frame
	About       about
	Total, Said string
	Hours, Days chart
}

func (u *readings) routes() []Route {
	return []Route{{get, "/newsroom/articles/{id}/reads", writes, article.CanSee, u.show}}
}

func (u *readings) show(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := u.articles.Edit(r.Context(), actor, id)
	if err != nil {
		return err
	}
	zone := u.source.Zone()
	f, err := u.store.Figures(r.Context(), id, zone)
	if err != nil {
		return err
	}
	is, err := u.source.Current(r.Context())
	if err != nil {
		return err
	}
	p := readsPage{frame: u.frame(r, actor, page.T("newsroom.reads"), "/newsroom/articles"), About: aboutArticle(&e, u.clock()), Said: countedWords(is.ReadsBy)}
	if f.Total > 0 {
		p.Total = page.N("newsroom.reads.total", int(f.Total))
		p.Hours, p.Days = readHours(f.Hours, u.clock()), readDays(f.Days, u.clock())
	}
	return u.page.Write(w, r, http.StatusOK, p)
}

// countedWords say who counts.
func countedWords(by string) string {
	if by == settings.ReadsByBeacon {
		return page.T("newsroom.reads.by-beacon")
	}
	return page.T("newsroom.reads.by-server")
}

// The charts of reads.
const (
	readsWidth  = 342
	readsHeight = 108
	readsBase   = 84
)

// readHours shows the last hours; every sixth is named.
func readHours(hours []reads.Span, c page.Clock) chart {
	return readChart(hours, func(at time.Time, _ int) (name, below string) {
		if at.Hour()%6 == 0 {
			below = fmt.Sprintf("%02d", at.Hour())
		}
		return c.When(at).Text, below
	}, "newsroom.reads.hours-label")
}

// readDays shows the last days; every fifth is named, today among them.
func readDays(days []reads.Span, c page.Clock) chart {
	return readChart(days, func(at time.Time, i int) (name, below string) {
		if (len(days)-1-i)%5 == 0 {
			below = strconv.Itoa(at.Day())
		}
		return c.Day(at).Text, below
	}, "newsroom.reads.days-label")
}

// readChart draws a bar for each span, with the number over the highest. name gives a span's name in the table and what stands under its bar.
func readChart(spans []reads.Span, name func(at time.Time, i int) (long, below string), label string) chart {
	top, sum := 0, int64(0)
	for i, s := range spans {
		sum += s.N
		if s.N > spans[top].N {
			top = i
		}
	}
	most := max(spans[top].N, 1)
	c := chart{Width: readsWidth, Height: readsHeight, Base: readsBase}
	step := readsWidth / len(spans)
	for i, s := range spans {
		long, below := name(s.At, i)
		h := int((s.N*barsHeight + most - 1) / most)
		b := bar{X: i*step + 1, Y: c.Base - h, W: max(step-2, 2), H: h, Middle: i*step + step/2, Below: below}
		if i == top && s.N > 0 {
			b.Above, b.AboveY, b.Middle = page.Number(int(s.N)), b.Y-6, min(max(b.Middle, 16), readsWidth-16)
		}
		c.Bars = append(c.Bars, b)
		c.Rows = append(c.Rows, numberRow{long, []string{page.Number(int(s.N))}})
	}
	busiest, _ := name(spans[top].At, top)
	c.Label = page.T(label, page.Number(int(sum)), page.Number(int(spans[top].N)), busiest)
	return c
}
