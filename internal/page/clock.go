package page

import (
	"strings"
	"time"
)

// Time is a moment as a page shows it: ISO for machines, Text for people, Title in full. The zero value shows nothing.
type Time struct{ ISO, Text, Title string }

// Clock writes moments in the site's zone and language. Its methods are pure but for Now.
type Clock struct {
	Zone *time.Location
	Now  func() time.Time
	Lang string
}

// Date is the day: "16 June 2026".
func (c Clock) Date(t time.Time) Time { return c.show(t, c.words().date) }

// Day is the day with its weekday: "Tuesday, 16 June 2026".
func (c Clock) Day(t time.Time) Time { return c.show(t, c.words().day) }

// DateTime is the minute: "16 June 2026, 09:40".
func (c Clock) DateTime(t time.Time) Time { return c.show(t, c.words().dateTime) }

// DayTime is the minute without a year: "16 June, 09:40"; with it in another year than the present one.
func (c Clock) DayTime(t time.Time) Time {
	if c.sameYear(t) {
		return c.show(t, c.words().dayTime)
	}
	return c.DateTime(t)
}

// Hour is the minute of the day: "09:40".
func (c Clock) Hour(t time.Time) Time { return c.show(t, "15:04") }

// Short is as short as can be understood now: "14:05" today, "15 June" this year, "15 June 2025" before.
func (c Clock) Short(t time.Time) Time {
	switch {
	case c.today(t):
		return c.Hour(t)
	case c.sameYear(t):
		return c.show(t, c.words().dayMonth)
	}
	return c.Date(t)
}

// When is Short with the hour: "Today, 14:05", "15 June, 17:20", "15 June 2025, 17:20".
func (c Clock) When(t time.Time) Time {
	if !c.today(t) {
		return c.DayTime(t)
	}
	s := c.Hour(t)
	s.Text = T("time.today", s.Text)
	return s
}

// Month is the month and year: "June 2026".
func (c Clock) Month(t time.Time) Time { return c.show(t, c.words().month) }

// Midnight is when the present day ends, in the site's zone: what Short and When say is true until then.
func (c Clock) Midnight() time.Time {
	y, m, d := c.Now().In(c.Zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, c.Zone)
}

func (c Clock) today(t time.Time) bool {
	y, m, d := t.In(c.Zone).Date()
	y2, m2, d2 := c.Now().In(c.Zone).Date()
	return y == y2 && m == m2 && d == d2
}

func (c Clock) sameYear(t time.Time) bool { return t.In(c.Zone).Year() == c.Now().In(c.Zone).Year() }

func (c Clock) words() *calendar {
	base, _, _ := strings.Cut(c.Lang, "-")
	if w, ok := calendars[base]; ok {
		return w
	}
	return calendars["en"]
}

func (c Clock) show(t time.Time, layout string) Time {
	if t.IsZero() {
		return Time{}
	}
	t, w := t.In(c.Zone), c.words()
	return Time{ISO: t.Format(time.RFC3339), Text: w.format(t, layout), Title: w.format(t, w.full)}
}

// Brief is for narrow places: "14:05" today, "16 Jun" this year, "Jun 2025" before.
func (c Clock) Brief(t time.Time) Time {
	switch {
	case c.today(t):
		return c.Hour(t)
	case c.sameYear(t):
		return c.show(t, c.words().briefDay)
	}
	return c.show(t, c.words().briefMonth)
}
