package article

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stet/internal/fault"
)

func TestParseAt(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ in, want string }{
		{"2026-06-16T09:40", "2026-06-16T07:40:00Z"},
		{" 2026-12-16T09:40 ", "2026-12-16T08:40:00Z"},
		{"2026-06-16T09:40:00+09:00", "2026-06-16T00:40:00Z"},
		{"2026-03-29T01:59", "2026-03-29T00:59:00Z"}, // the minute before the clock goes forward
		{"2026-03-29T03:00", "2026-03-29T01:00:00Z"}, // and the one after
		{"2026-10-25T01:59", "2026-10-24T23:59:00Z"},
		{"2026-10-25T03:00", "2026-10-25T02:00:00Z"},
		{"2026-10-25T12:00", "2026-10-25T11:00:00Z"},
	}
	for _, tt := range tests {
		got, err := ParseAt(tt.in, vienna)
		if err != nil || got.UTC().Format(time.RFC3339) != tt.want {
			t.Errorf("ParseAt(%q) = %v, %v, want %s", tt.in, got.UTC(), err, tt.want)
		}
	}
}

func TestParseAtNamesBothReadings(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, in string
		readings []string
	}{
		{"skipped", "2026-03-29T02:30", []string{"2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00+01:00"}},
		{"repeated", "2026-10-25T02:30", []string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"}},
	}
	for _, tt := range tests {
		_, err := ParseAt(tt.in, vienna)
		var invalid *fault.Invalid
		if !errors.As(err, &invalid) {
			t.Fatalf("%s: ParseAt(%q) = %v, want a fault on at", tt.name, tt.in, err)
		}
		for _, r := range tt.readings {
			if !strings.Contains(invalid.Fields["at"], r) {
				t.Errorf("%s: %q does not name %s", tt.name, invalid.Fields["at"], r)
			}
		}
	}
	for _, bad := range []string{"", "tomorrow", "2026-02-30T10:00", "2026-06-16"} {
		if got, err := ParseAt(bad, vienna); err == nil {
			t.Errorf("ParseAt(%q) = %v, want a fault", bad, got)
		}
	}
}
