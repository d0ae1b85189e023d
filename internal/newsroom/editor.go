package newsroom

import (
	"fmt"
	"net/http"
	"strings"

	"stet/internal/fault"
	"stet/internal/page"
	"stet/internal/staff"
)

// EditorWords are what the editor's script says, by the names it knows them under.
func (frame) EditorWords() map[string]string {
	const area = "newsroom.editor."
	words := map[string]string{}
	for _, key := range page.Keys() {
		if name, ok := strings.CutPrefix(key, area); ok {
			words[name] = page.T(key)
		}
	}
	return words
}

// written makes an editor of a field of several lines: of the whole article, or of a notice.
func (f field) written(in, language string) field {
	f.Editor, f.Lang = in, language
	return f
}

// Editors of the two kinds of text.
const (
	inArticle = "article"
	inNotice  = "notice"
)

// thumb leads to the picture in the size of a form: a text knows its pictures by number only.
func (m *pictures) thumb(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	found, err := m.one(r)
	if err != nil {
		return err
	}
	p := pictureOf(found)
	if p.Src == "" {
		return fmt.Errorf("picture %d has no size to show: %w", found.ID, fault.NotFound)
	}
	http.Redirect(w, r, p.Src, http.StatusFound)
	return nil
}
