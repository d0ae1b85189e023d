package newsroom

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"stet/internal/comment"
	"stet/internal/page"
)

// queueSide is the queue in numbers.
type queueSide struct {
	Ages, Hours chart
	Today       []factLine
	Agreement   []factLine
	Storms      []stormLine
}

// stormLine is an article that is slowed down.
type stormLine struct{ URL, Headline, Text, End string }

// chart is bars with their numbers; Label says in words what it shows. It is empty where there is nothing to show.
type chart struct {
	Label  string
	Width  int
	Height int
	Base   int
	Bars   []bar
	Rows   []numberRow
}

// bar is one bar of a chart, with a paler one on it where Over is set; texts are centred at Middle.
type bar struct {
	X, Y, W, H   int
	OverY, OverH int
	Old          bool
	Middle       int
	Above        string
	AboveY       int
	Below        string
}

type numberRow struct {
	Name   string
	Values []string
}

// midnight is when the day began where the newsroom is.
func (c *comments) midnight() time.Time {
	now := c.now().In(c.source.Zone())
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
}

func (c *comments) side(f comment.Figures, storms []comment.Storm) queueSide {
	out := queueSide{Ages: ageChart(f.Ages), Hours: hourChart(f.Hours)}
	for _, p := range f.People {
		text := page.Number(p.Decided)
		if p.Undone > 0 {
			text = page.T("newsroom.queue.undone", text, page.Number(p.Undone))
		}
		out.Today = append(out.Today, factLine{p.Name, text})
	}
	if f.Rules > 0 || f.Undone > 0 {
		out.Today = append(out.Today, factLine{page.T("newsroom.queue.rules-alone"), page.T("newsroom.queue.rules-spam", page.Number(f.Rules), page.Number(f.Undone))})
	}
	for _, s := range storms {
		out.Storms = append(out.Storms, stormLine{URL: s.Path, Headline: cmp.Or(s.Headline, page.T("newsroom.untitled")), End: fmt.Sprintf("/newsroom/storms/%d/end", s.ArticleID),
			Text: page.T("newsroom.storm.since", page.Number(s.Newcomers), strconv.FormatFloat(s.Usual, 'f', 1, 64), c.clock().When(s.BeganAt).Text)})
	}
	for _, a := range f.Agreement {
		out.Agreement = append(out.Agreement, factLine{ruleWords(comment.Reason{Rule: a.Rule}), page.T("newsroom.queue.agreed", page.Number(a.Agree), page.Number(a.Asked))})
	}
	return out
}

const (
	chartWidth = 264
	barsHeight = 63
)

// ageChart shows how many wait how long.
func ageChart(ages []int) chart {
	most := 0
	for _, n := range ages {
		most = max(most, n)
	}
	if most == 0 {
		return chart{}
	}
	c := chart{Width: chartWidth, Height: 108, Base: 84}
	step := chartWidth / len(ages)
	var said []string
	for i, n := range ages {
		name, short := ageWords(i)
		h := (n*barsHeight + most - 1) / most
		c.Bars = append(c.Bars, bar{X: i*step + 2, Y: c.Base - h, W: step - 8, H: h, Old: i == len(ages)-1, Middle: i*step + step/2 - 2, Above: capped(n), AboveY: c.Base - h - 6, Below: short})
		c.Rows = append(c.Rows, numberRow{name, []string{capped(n)}})
		said = append(said, fmt.Sprintf("%s: %s", name, capped(n)))
	}
	c.Label = page.T("newsroom.queue.ages-label", strings.Join(said, ", "))
	return c
}

// capped marks a figure at which counting stopped.
func capped(n int) string {
	if n >= comment.CountMost {
		return page.Number(n) + "+"
	}
	return page.Number(n)
}

// ageWords are the name of a step, and a short one for under its bar.
func ageWords(i int) (name, short string) {
	minutes := func(d time.Duration) string { return strconv.Itoa(int(d.Minutes())) }
	steps := comment.AgeSteps
	switch i {
	case 0:
		return page.T("newsroom.queue.under", minutes(steps[0])), page.T("newsroom.queue.to", minutes(steps[0]))
	case len(steps):
		return page.T("newsroom.queue.longer"), page.T("newsroom.queue.longer")
	}
	return page.T("newsroom.queue.between", minutes(steps[i-1]), minutes(steps[i])), page.T("newsroom.queue.to", minutes(steps[i]))
}

// hoursShown is how many hours have room in the chart.
const hoursShown = 12

// hourChart shows the decisions of the last hours, those that refused on top of those that approved.
func hourChart(hours []comment.Hour) chart {
	if len(hours) == 0 {
		return chart{}
	}
	if len(hours) > hoursShown {
		hours = hours[len(hours)-hoursShown:]
	}
	most := 1
	for _, h := range hours {
		most = max(most, h.Approved+h.Refused)
	}
	c := chart{Width: chartWidth, Height: 88, Base: 64}
	step := min(chartWidth/len(hours), 44)
	var said []string
	for i, h := range hours {
		lower, upper := h.Approved*barsHeight/most, h.Refused*barsHeight/most
		c.Bars = append(c.Bars, bar{X: i*step + 4, Y: c.Base - lower, W: step - 10, H: lower, OverY: c.Base - lower - upper, OverH: upper, Middle: i*step + step/2 - 1, Below: strconv.Itoa(h.Hour)})
		c.Rows = append(c.Rows, numberRow{fmt.Sprintf("%02d", h.Hour), []string{page.Number(h.Approved), page.Number(h.Refused)}})
		said = append(said, page.T("newsroom.queue.hour-said", h.Hour, h.Approved, h.Refused))
	}
	c.Label = page.T("newsroom.queue.hours-label", strings.Join(said, "; "))
	return c
}
