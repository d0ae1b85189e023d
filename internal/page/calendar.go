package page

import (
	"strings"
	"time"
)

// calendar holds what a language calls months and days, and how it orders a date, after CLDR. In a layout "January",
// "Jan" and "Monday" stand for the names; the rest is a layout of package time, which knows English only.
type calendar struct {
	months, days, short                                 []string
	date, dateTime, dayTime, dayMonth, day, month, full string
	briefDay, briefMonth                                string
}

// format writes a time in one of the calendar's layouts.
func (c *calendar) format(t time.Time, layout string) string {
	s := t.Format(layout)
	s = strings.ReplaceAll(s, "\x01", c.months[t.Month()-1])
	s = strings.ReplaceAll(s, "\x02", c.days[t.Weekday()])
	return strings.ReplaceAll(s, "\x03", c.short[t.Month()-1])
}

// withMarks replaces the names in all layouts by marks that no layout holds. They are put in after formatting, so that their letters aren't read as a
// layout.
func withMarks(all map[string]*calendar) map[string]*calendar {
	names := strings.NewReplacer("January", "\x01", "Monday", "\x02", "Jan", "\x03")
	for _, c := range all {
		for _, layout := range []*string{&c.date, &c.dateTime, &c.dayTime, &c.dayMonth, &c.day, &c.month, &c.full, &c.briefDay, &c.briefMonth} {
			*layout = names.Replace(*layout)
		}
	}
	return all
}

var calendars = withMarks(map[string]*calendar{
	"en": {
		months: strings.Fields("January February March April May June July August September October November December"),
		short:  strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
		days:   strings.Fields("Sunday Monday Tuesday Wednesday Thursday Friday Saturday"),
		date:   "2 January 2006", dateTime: "2 January 2006, 15:04", dayTime: "2 January, 15:04", dayMonth: "2 January",
		day: "Monday, 2 January 2006", month: "January 2006", full: "Monday, 2 January 2006, 15:04 MST",
		briefDay: "2 Jan", briefMonth: "Jan 2006",
	},
	"ar": {
		months: strings.Fields("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
		short:  strings.Fields("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
		days:   strings.Fields("الأحد الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت"),
		date:   "2 January 2006", dateTime: "2 January 2006، 15:04", dayTime: "2 January، 15:04", dayMonth: "2 January",
		day: "Monday، 2 January 2006", month: "January 2006", full: "Monday، 2 January 2006، 15:04 MST",
		briefDay: "2 Jan", briefMonth: "Jan 2006",
	},
	"ko": {
		months: strings.Fields("1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월"),
		short:  strings.Fields("1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월"),
		days:   strings.Fields("일요일 월요일 화요일 수요일 목요일 금요일 토요일"),
		date:   "2006년 January 2일", dateTime: "2006년 January 2일 15:04", dayTime: "January 2일 15:04", dayMonth: "January 2일",
		day: "2006년 January 2일 Monday", month: "2006년 January", full: "2006년 January 2일 Monday 15:04 MST",
		briefDay: "Jan 2일", briefMonth: "2006년 Jan",
	},
})
