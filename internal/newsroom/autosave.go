package newsroom

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stet/internal/article"
	"stet/internal/fault"
	"stet/internal/markup"
	"stet/internal/page"
	"stet/internal/staff"
)

// autosave keeps what stands in the form beside the draft, or forgets it again: with discard a person asks for that, and goes on with what
// was saved.
func (a *articles) autosave(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := sheetForm(w, r)
	if err != nil {
		return err
	}
	if f.On("discard") {
		if err := a.store.DiscardAutosave(r.Context(), actor, id); err != nil {
			return err
		}
		if wantsJSON(r) {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		return seeOther(w, r, articleURL(id))
	}
	base, err := whole(f, "revision")
	if err != nil {
		return err
	}
	fields := maps.Clone(f.Values)
	for _, name := range []string{"revision", "key", "then", "tab", "discard"} {
		delete(fields, name)
	}
	at, err := a.store.Autosave(r.Context(), actor, id, article.Autosaved{Base: base, Fields: fields, Tab: f.Text("tab")})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]string{"at": at.In(a.source.Zone()).Format("15:04:05")})
}

// presentAnswer is article.Around as the page's script gets it.
type presentAnswer struct {
	Others []otherAnswer `json:"others"`
	Head   int           `json:"head"`
	By     string        `json:"by"`
	Own    bool          `json:"own"`
	At     string        `json:"at"`
}

type otherAnswer struct {
	Name  string `json:"name"`
	Block string `json:"block"`
}

// presence takes a sign of life of an open form, or its leave.
func (a *articles) presence(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	id, f, err := idForm(w, r)
	if err != nil {
		return err
	}
	tab, block := f.Text("tab"), f.Text("block")
	if len(tab) > 64 || len(block) > 16 {
		return fault.Field("tab", "field.long")
	}
	if f.On("gone") {
		if err := a.store.Leave(r.Context(), actor, id, tab); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	around, err := a.store.Attend(r.Context(), actor, id, tab, block)
	if err != nil {
		return err
	}
	out := presentAnswer{Others: []otherAnswer{}, Head: around.Head, By: around.By, Own: around.Own, At: around.At.In(a.source.Zone()).Format("15:04:05")}
	for _, o := range around.Others {
		out.Others = append(out.Others, otherAnswer(o))
	}
	return writeJSON(w, http.StatusOK, out)
}

// unsaved offers what a person typed and didn't save. Continue leads to the form filled with it.
type unsaved struct {
	Continue, Discard, Tab string
	At                     page.Time
}

// offer looks whether the person left words that differ from what values hold.
func (a *articles) offer(r *http.Request, actor staff.Actor, id int64, values url.Values) (unsaved, article.Autosaved, error) {
	kept, err := a.store.Autosaved(r.Context(), actor, id)
	if err != nil || kept.At.IsZero() || !parts(kept.Fields, values) {
		return unsaved{}, article.Autosaved{}, err
	}
	at := articleURL(id)
	return unsaved{At: a.clock().When(kept.At), Continue: at + "?with=autosave", Discard: at + "/autosave", Tab: kept.Tab}, kept, nil
}

// parts tells whether the fields of an autosave differ from what the form would show anyway.
func parts(fields map[string][]string, values url.Values) bool {
	for name, typed := range fields {
		is := values[name]
		switch name {
		case "body":
			if !slices.EqualFunc(markup.Article(first(typed)), markup.Article(first(is)), func(x, y markup.Block) bool { return x.HTML == y.HTML }) {
				return true
			}
		case "noindex", "live":
			if ticked(typed) != ticked(is) {
				return true
			}
		case "also":
			if !slices.Equal(list(strings.Join(typed, ",")), list(strings.Join(is, ","))) {
				return true
			}
		case "note", "held", "stood":
		default:
			if strings.TrimSpace(strings.ReplaceAll(first(typed), "\r\n", "\n")) != first(is) && values.Has(name) {
				return true
			}
		}
	}
	return false
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
