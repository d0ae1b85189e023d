package article

import (
	"slices"
	"strings"
	"testing"

	"stet/internal/staff"
)

// TestRules states who may do what in which state: each row names the roles that may.
func TestRules(t *testing.T) {
	actors := map[string]staff.Actor{
		"contributor": {ID: 1, Roles: staff.Roles{staff.Contributor}}, "author": {ID: 2, Roles: staff.Roles{staff.Author}},
		"editor": {ID: 3, Roles: staff.Roles{staff.Editor}}, "admin": {ID: 4, Roles: staff.Roles{staff.Admin}}, "moderator": {ID: 5, Roles: staff.Roles{staff.Moderator}},
	}
	draft, review := State{Stage: StageDraft}, State{Stage: StageReview}
	published := State{Stage: StageDraft, Public: Published}
	own := func(s State) State { s.Own = true; return s }
	with := func(s State, public string) State { s.Public = public; return s }
	trashed := own(draft)
	trashed.Trashed = true
	tests := []struct {
		name string
		rule func(staff.Actor, State) bool
		s    State
		may  string
	}{
		{"see another's draft", CanSee, draft, "editor admin"},
		{"see own draft", CanSee, own(draft), "contributor author editor admin"},
		{"save another's", CanSave, draft, "editor admin"},
		{"save own", CanSave, own(published), "contributor author editor admin"},
		{"save from the trash", CanSave, trashed, ""},
		{"publish another's", CanPublish, draft, "editor admin"},
		{"publish own", CanPublish, own(draft), "author editor admin"},
		{"publish withdrawn", CanPublish, with(own(draft), Withdrawn), ""},
		{"publish withheld", CanPublish, with(own(draft), Withheld), ""},
		{"append to a draft", CanAppend, own(draft), ""},
		{"append to own", CanAppend, own(published), "author editor admin"},
		{"append to another's", CanAppend, published, "editor admin"},
		{"submit own", CanSubmit, own(draft), "contributor author editor admin"},
		{"submit twice", CanSubmit, own(review), ""},
		{"return", CanReturn, own(review), "editor admin"},
		{"return what wasn't submitted", CanReturn, draft, ""},
		{"retract", CanRetract, own(published), "editor admin"},
		{"retract twice", CanRetract, with(draft, Retracted), ""},
		{"withdraw", CanWithdraw, with(own(draft), Retracted), "editor admin"},
		{"restore", CanRestore, with(draft, Withdrawn), "editor admin"},
		{"restore withheld", CanRestore, with(draft, Withheld), ""},
		{"withhold", CanWithhold, own(published), "admin"},
		{"trash own", CanTrash, own(draft), "contributor author editor admin"},
		{"trash public", CanTrash, own(published), ""},
		{"untrash own", CanUntrash, trashed, "contributor author editor admin"},
	}
	for _, tt := range tests {
		for name, actor := range actors {
			if got, want := tt.rule(actor, tt.s), slices.Contains(strings.Fields(tt.may), name); got != want {
				t.Errorf("%s: %s = %v, want %v", tt.name, name, got, want)
			}
		}
	}
}
