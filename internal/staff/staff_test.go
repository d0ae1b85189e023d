package staff_test

import (
	"slices"
	"strings"
	"testing"

	"stet/internal/staff"
)

func TestRights(t *testing.T) {
	for _, test := range []struct {
		roles string
		can   string // the roles it amounts to
	}{
		{"", ""},
		{"contributor", "contributor"},
		{"author", "contributor author"},
		{"editor", "contributor author editor moderator"},
		{"admin", "contributor author editor admin moderator"},
		{"moderator", "moderator"},
		{"author moderator", "contributor author moderator"},
		{"owner", ""},
	} {
		var actor staff.Actor
		for _, r := range strings.Fields(test.roles) {
			actor.Roles = append(actor.Roles, staff.Role(r))
		}
		for _, r := range staff.AllRoles {
			want := slices.Contains(strings.Fields(test.can), string(r))
			if got := actor.Can(r); got != want {
				t.Errorf("%q can %s = %v, want %v", test.roles, r, got, want)
			}
		}
		if actor.Can("owner") || actor.Can("") {
			t.Errorf("%q can what is no role", test.roles)
		}
	}
	if nobody := (staff.Actor{}); nobody.Can(staff.Contributor) || nobody.Moderates() {
		t.Error("the zero actor may do something")
	}
	if !staff.System().Can(staff.Admin) || staff.System().ID != 0 {
		t.Error("the system may not do everything, or is somebody")
	}
}

func TestParseRoles(t *testing.T) {
	got, err := staff.ParseRoles([]string{"Moderator", " author ", "author"})
	if err != nil || len(got) != 2 || got[0] != staff.Author || got[1] != staff.Moderator {
		t.Errorf("ParseRoles = %v, %v", got, err)
	}
	if _, err := staff.ParseRoles([]string{"owner"}); err == nil {
		t.Error("a role that is none was taken")
	}
}
