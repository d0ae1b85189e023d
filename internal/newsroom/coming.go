package newsroom

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

// monthForm is how an address names a month.
const monthForm = "2006-01"

// coming shows a month of what happens by itself: publications, changes, ends, and embargoes that end. Days are those of the site's zone.
func (d *desk) coming(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	zone := d.source.Zone()
	now := d.now().In(zone)
	month, err := time.ParseInLocation(monthForm, cmp.Or(q.Text("month"), now.Format(monthForm)), zone)
	if err != nil || month.Year() < 1 {
		return fault.NotFound
	}
	list, err := d.store.Coming(r.Context(), actor, month, month.AddDate(0, 1, 0))
	if err != nil {
		return err
	}
	return d.pages.coming.Write(w, r, http.StatusOK, d.comingPage(r, actor, comingIn{month: month, now: now, grid: q.Text("view") == "month", list: list}))
}

// comingIn is what the page shows: a month at midnight of its first day, in the site's zone.
type comingIn struct {
	month, now time.Time
	grid       bool
	list       []article.Coming
}

func (d *desk) comingPage(r *http.Request, actor staff.Actor, in comingIn) comingPage {
	c := d.clock()
	at := func(month time.Time, grid bool) string {
		q := url.Values{"month": {month.Format(monthForm)}}
		if grid {
			q.Set("view", "month")
		}
		return "/newsroom/coming?" + q.Encode()
	}
	before, after := in.month.AddDate(0, -1, 0), in.month.AddDate(0, 1, 0)
	p := comingPage{frame: d.frame(r, actor, page.T("newsroom.coming"), "/newsroom/coming"), Month: c.Month(in.month).Text,
		Views:  []view{{Name: page.T("newsroom.coming.list"), URL: at(in.month, false), Here: !in.grid}, {Name: page.T("newsroom.coming.month"), URL: at(in.month, true), Here: in.grid}},
		Before: page.Link{URL: at(before, in.grid), Text: c.Month(before).Text}, After: page.Link{URL: at(after, in.grid), Text: c.Month(after).Text},
		None: page.T("newsroom.coming.none")}
	if in.month.Format(monthForm) != in.now.Format(monthForm) {
		p.Today = page.Link{URL: at(in.now, in.grid), Text: page.T("newsroom.coming.today")}
	}
	days := map[int]*comingDay{}
	for _, x := range in.list {
		day := x.At.In(in.month.Location()).Day()
		if days[day] == nil {
			p.Days = append(p.Days, comingDay{Name: c.Day(x.At).Text})
			days[day] = &comingDay{}
		}
		row := comingRowOf(x, c)
		last := &p.Days[len(p.Days)-1]
		last.Items = append(last.Items, row)
		days[day].Items = append(days[day].Items, row)
	}
	if in.grid {
		p.Heads, p.Weeks = weekdays(), weeks(in, days, c)
	}
	return p
}

func comingRowOf(x article.Coming, c page.Clock) comingRow {
	row := comingRow{URL: fmt.Sprintf("/newsroom/articles/%d", x.ID), Headline: cmp.Or(x.Headline, page.T("newsroom.untitled")), At: c.Hour(x.At),
		State: state{Class: "scheduled", Word: page.T("newsroom.coming.what." + x.What)}}
	if x.Headline != "" {
		row.Lang = x.Language
	}
	if x.By != "" {
		row.By = page.T("newsroom.coming.by", x.By)
	}
	if x.Failed != "" {
		row.State.Class, row.Failed = "back", page.T("newsroom.coming.failed", page.Say(x.Failed))
	}
	return row
}

// weekdays are the heads of the month, Monday first.
func weekdays() []weekday {
	out := make([]weekday, 7)
	for i := range out {
		key := "newsroom.coming.day." + strconv.Itoa(i+1)
		out[i] = weekday{Name: page.T(key), Brief: page.T(key + "-brief")}
	}
	return out
}

// weeks lays the days of a month out by weeks, from Monday; days of its neighbours stay empty.
func weeks(in comingIn, days map[int]*comingDay, c page.Clock) [][]comingDay {
	first := (int(in.month.Weekday()) + 6) % 7
	last := in.month.AddDate(0, 1, -1).Day()
	var out [][]comingDay
	for start := 1 - first; start <= last; start += 7 {
		week := make([]comingDay, 7)
		for i := range week {
			n := start + i
			if n < 1 || n > last {
				continue
			}
			if days[n] != nil {
				week[i] = *days[n]
			}
			day := time.Date(in.month.Year(), in.month.Month(), n, 12, 0, 0, 0, in.month.Location())
			week[i].Number, week[i].Name = strconv.Itoa(n), c.Day(day).Text
			week[i].Today = day.Format(time.DateOnly) == in.now.Format(time.DateOnly)
		}
		out = append(out, week)
	}
	return out
}
