package newsroom

import (
	"net/http"
	"slices"
	"strings"

	"stet/internal/article"
	"stet/internal/front"
	"stet/internal/page"
	"stet/internal/staff"
)

// The keys of a session's values that show once what was done; staff keeps the others.
const (
	flashText = "flash"
	flashUndo = "flash_undo"
	flashIDs  = "flash_ids"
)

// frame is the frame of a page for actor; here is the address of its place in the rail.
func (f *face) frame(r *http.Request, actor staff.Actor, title, here string) frame {
	out := frame{Title: title, Site: f.name(r), Rail: f.rail(r, actor, here)}
	if text := f.sessions.PopString(r.Context(), flashText); text != "" {
		out.Flash = &flash{Text: text, Undo: f.sessions.PopString(r.Context(), flashUndo)}
		if ids := f.sessions.PopString(r.Context(), flashIDs); ids != "" {
			out.Flash.IDs = strings.Fields(ids)
		}
	}
	return out
}

// say is shown on the next page.
func (f *face) say(r *http.Request, text string) { f.sayUndo(r, text, "") }

// sayUndo is say with the address that takes it back, for the ids where it is about many.
func (f *face) sayUndo(r *http.Request, text, undo string, ids ...string) {
	ctx := r.Context()
	f.sessions.Put(ctx, flashText, text)
	f.sessions.Put(ctx, flashUndo, undo)
	f.sessions.Put(ctx, flashIDs, strings.Join(ids, " "))
}

// rail leads where actor may go. The count of what waits is a comfort: where it can't be had the rail stands without it.
func (f *face) rail(r *http.Request, actor staff.Actor, here string) *rail {
	out := &rail{Site: f.name(r), Person: actor.ID, Name: actor.Name, Roles: roleWords(actor.Roles), Keys: hints(here, front.CanEdit(actor))}
	writes := actor.Can(staff.Contributor)
	if writes {
		out.First = append(out.First, place{Name: "newsroom.articles", URL: "/newsroom/articles", Key: "a"})
	}
	if actor.Moderates() {
		at := place{Name: "newsroom.comments", URL: "/newsroom/comments", Key: "c"}
		if w, err := f.waiting.Waiting(r.Context()); err == nil && w.Count > 0 {
			at.Waiting, at.Late = waitingCount(w), w.Late
		}
		out.First = append(out.First, at)
	}
	if writes {
		out.First = append(out.First, place{Name: "newsroom.media", URL: "/newsroom/media", Key: "p"})
		if front.CanEdit(actor) {
			out.First = append(out.First, place{Name: "newsroom.front", URL: "/newsroom/front", Key: "f"})
		}
		out.Rest = append(out.Rest, []place{{Name: "newsroom.coming", URL: "/newsroom/coming"}, {Name: "newsroom.authors", URL: "/newsroom/authors"}, {Name: "newsroom.categories", URL: "/newsroom/categories"},
			{Name: "newsroom.tags", URL: "/newsroom/tags"}, {Name: "newsroom.pages", URL: "/newsroom/articles?kind=" + string(article.KindPage)}})
	}
	out.Rest = append(out.Rest, f.reported(r, actor))
	if edits(actor) {
		out.Rest[0] = append(out.Rest[0], place{Name: "newsroom.breaking", URL: breakingAt})
	}
	if actor.Moderates() {
		out.Rest = append(out.Rest, []place{{Name: "newsroom.rules", URL: "/newsroom/rules"}})
	}
	if actor.Can(staff.Admin) {
		out.Rest = append(out.Rest, []place{{Name: "newsroom.users", URL: "/newsroom/users"}, {Name: "newsroom.settings", URL: "/newsroom/settings"},
			{Name: "newsroom.audit", URL: "/newsroom/audit"}})
	}
	for _, places := range append(out.Rest, out.First) {
		for i := range places {
			places[i].Here = places[i].URL == here
		}
	}
	return out
}

// reported are the places of what readers say is wrong.
func (f *face) reported(r *http.Request, actor staff.Actor) []place {
	out := []place{{Name: "newsroom.corrections", URL: "/newsroom/corrections"}}
	if actor.Moderates() {
		at := place{Name: "newsroom.reports", URL: "/newsroom/reports"}
		if n, err := f.waiting.ReportCounts(r.Context()); err == nil && n.Open+n.Appeals > 0 {
			at.Waiting, at.Late = page.Number(n.Open+n.Appeals), n.Pressing > 0
		}
		out = append(out, at)
	}
	return out
}

// roleWords are the roles as people read them.
func roleWords(roles staff.Roles) string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = page.T("newsroom.role." + string(role))
	}
	return strings.Join(words, ", ")
}

// hints are the keys of a place. newsroom.js knows the same.
func hints(here string, fronts bool) []keyHint {
	var keys []keyHint
	switch here {
	case "/newsroom/comments":
		keys = []keyHint{{"newsroom.key.next-comment", []string{"j"}}, {"newsroom.key.back", []string{"k"}}, {"newsroom.key.approve", []string{"a"}},
			{"newsroom.key.reject", []string{"r"}}, {"newsroom.key.spam", []string{"s"}}, {"newsroom.key.hold", []string{"h"}}, {"newsroom.key.ban", []string{"b"}},
			{"newsroom.key.article", []string{"o"}}, {"newsroom.key.choose", []string{"x"}}}
	case "/newsroom/articles":
		keys = []keyHint{{"newsroom.key.new", []string{"n"}}, {"newsroom.key.next", []string{"j"}}, {"newsroom.key.back", []string{"k"}},
			{"newsroom.key.open", []string{"Enter"}}, {"newsroom.key.save", []string{"⌘", "S"}}, {"newsroom.key.go", []string{"⌘", "Enter"}}}
	case "/newsroom/front":
		keys = []keyHint{{"newsroom.key.next-story", []string{"j"}}, {"newsroom.key.up", []string{"⌥", "↑"}}, {"newsroom.key.down", []string{"⌥", "↓"}}, {"newsroom.key.to-place", []string{"1"}},
			{"newsroom.key.time", []string{"t"}}, {"newsroom.key.off", []string{"Del"}}}
	case "/newsroom/rules":
		keys = []keyHint{{"newsroom.key.try", []string{"t"}}, {"newsroom.key.save", []string{"s"}}, {"newsroom.key.new", []string{"n"}}}
	default:
		keys = []keyHint{{"newsroom.key.save", []string{"⌘", "S"}}}
	}
	keys = append(slices.Clip(keys), keyHint{"newsroom.key.undo", []string{"u"}}, keyHint{"newsroom.key.search", []string{"/"}}, keyHint{"newsroom.key.articles", []string{"g", "a"}},
		keyHint{"newsroom.key.comments", []string{"g", "c"}}, keyHint{"newsroom.key.pictures", []string{"g", "p"}})
	if fronts {
		keys = append(keys, keyHint{"newsroom.key.front", []string{"g", "f"}})
	}
	return append(keys, keyHint{"newsroom.key.keys", []string{"?"}})
}
