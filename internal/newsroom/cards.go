package newsroom

import (
	"io"
	"net/http"

	"stet/internal/card"
	"stet/internal/page"
	"stet/internal/staff"
)

// cards makes static cards of addresses, for the editor.
type cards struct {
	*face
	maker *card.Maker
}

// make answers with the card of an address as a block of an article: to a script as JSON, to a form as text to be put into the article.
func (c *cards) make(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	made, err := c.maker.Make(r.Context(), actor, f.Text("url"))
	if err != nil {
		return err
	}
	if !wantsJSON(r) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, made.HTML+"\n") // whoever asked went away; there is nobody to tell
		return nil
	}
	kind := "full"
	if made.Plain {
		kind = "plain"
	}
	return writeJSON(w, http.StatusOK, map[string]string{"html": made.HTML, "card": kind})
}
