package page

import (
	"testing"
	"testing/fstest"
	"time"
)

func TestClock(t *testing.T) {
	if err := loadText(fstest.MapFS{"text/en.json": {Data: []byte(`{"time.today": "Today, {0}"}`)}}); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("CEST", 2*60*60)
	now := time.Date(2026, 6, 16, 21, 30, 0, 0, time.UTC)
	en := Clock{Zone: zone, Now: func() time.Time { return now }, Lang: "en-GB"}
	ar := Clock{Zone: zone, Now: en.Now, Lang: "ar"}
	ko := Clock{Zone: zone, Now: en.Now, Lang: "ko"}
	eo := Clock{Zone: zone, Now: en.Now, Lang: "eo"}
	today := time.Date(2026, 6, 16, 7, 40, 0, 0, time.UTC)
	june, past := today.AddDate(0, 0, -1), today.AddDate(-1, 0, 0)
	for _, tt := range []struct{ got, want string }{
		{en.Date(today).Text, "16 June 2026"},
		{en.Day(today).Text, "Tuesday, 16 June 2026"},
		{en.DateTime(today).Text, "16 June 2026, 09:40"},
		{en.DateTime(today).ISO, "2026-06-16T09:40:00+02:00"},
		{en.Hour(today).Title, "Tuesday, 16 June 2026, 09:40 CEST"},
		{en.Short(today).Text, "09:40"},
		{en.Short(june).Text, "15 June"},
		{en.Short(past).Text, "16 June 2025"},
		{en.When(today).Text, "Today, 09:40"},
		{en.When(june).Text, "15 June, 09:40"},
		{en.When(past).Text, "16 June 2025, 09:40"},
		{en.Brief(today).Text, "09:40"},
		{en.Brief(june).Text, "15 Jun"},
		{en.Brief(past).Text, "Jun 2025"},
		{ko.Brief(june).Text, "6월 15일"},
		{en.Month(today).Text, "June 2026"},
		{ar.DateTime(today).Text, "16 يونيو 2026، 09:40"},
		{ko.Day(today).Text, "2026년 6월 16일 화요일"},
		{eo.Date(today).Text, "16 June 2026"},
		{en.Date(time.Time{}).Text, ""},
		{en.Midnight().UTC().String(), "2026-06-16 22:00:00 +0000 UTC"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
