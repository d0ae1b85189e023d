// Package staff is the people who sign in: their roles, passwords and second factors, their sessions, and the Actor that every act
// of the newsroom is given.
//
// It must never tell a known account from an unknown one before somebody has signed in, never store a password, code or token that
// could be used again, and never delete a person: the record names them.
package staff

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a person may do. Contributor, Author, Editor and Admin are a ladder, each with all before it; Moderator stands beside
// them.
type Role string

// The roles.
const (
	Contributor Role = "contributor" // writes drafts and submits them
	Author      Role = "author"      // publishes own articles
	Editor      Role = "editor"      // publishes and updates any article, keeps taxonomy and front page, moderates
	Admin       Role = "admin"       // people, settings, imports
	Moderator   Role = "moderator"   // the comment queue, bans and rules; no articles
)

// AllRoles lists the roles in the order in which people read them.
var AllRoles = []Role{Contributor, Author, Editor, Admin, Moderator}

// ladder gives each role of the ladder its step.
var ladder = map[Role]int{Contributor: 1, Author: 2, Editor: 3, Admin: 4}

// Roles is a set.
type Roles []Role

// ParseRoles makes a set of names, without doubles and in the order of AllRoles. It names the first that is no role.
func ParseRoles(names []string) (Roles, error) {
	var out Roles
	for _, n := range names {
		r := Role(strings.ToLower(strings.TrimSpace(n)))
		if !slices.Contains(AllRoles, r) {
			return nil, fmt.Errorf("%q is no role", n)
		}
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b Role) int { return slices.Index(AllRoles, a) - slices.Index(AllRoles, b) })
	return out, nil
}

// Has reports whether the set holds r itself; Actor.Can knows the ladder.
func (rs Roles) Has(r Role) bool { return slices.Contains(rs, r) }

// Strings are the roles' names.
func (rs Roles) Strings() []string {
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = string(r)
	}
	return out
}

// Actor is who acts: a person as they are at this request, or the program itself. It is a value and is handed to every act; nothing
// below a handler takes it from a context. The zero value may do nothing.
type Actor struct {
	ID       int64 // 0: the program, or nobody
	Name     string
	Roles    Roles
	AuthorID int64 // the profile under which the person's articles are printed; 0: none
}

// System is the program itself, for scheduled work, imports and the demo. It may do everything.
func System() Actor { return Actor{Name: "Stet", Roles: Roles{Admin, Moderator}} }

// Can reports whether the actor has the role or one above it on the ladder. Moderator is also had by editors and admins.
func (a Actor) Can(r Role) bool {
	if r == Moderator {
		return a.Moderates()
	}
	step, known := ladder[r]
	return known && slices.ContainsFunc(a.Roles, func(has Role) bool { return ladder[has] >= step })
}

// Moderates reports whether the actor may decide on comments.
func (a Actor) Moderates() bool { return a.Roles.Has(Moderator) || a.Can(Editor) }

// CanManage reports whether the actor may see and change the people who sign in.
func CanManage(a Actor) bool { return a.Can(Admin) }
