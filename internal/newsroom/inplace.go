package newsroom

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"stet/internal/article"
	"stet/internal/markup"
	"stet/internal/page"
)

// savedAnswer tells a form that saved in place what now stands. Blocks are the whole body; Theirs names the blocks and fields that others
// changed and that the form must take over, Fields holds the values of those fields.
type savedAnswer struct {
	Revision  int               `json:"revision"`
	At        string            `json:"at"`
	Said      string            `json:"said"`
	Words     string            `json:"words"`
	Merged    bool              `json:"merged"`
	Unchanged bool              `json:"unchanged"`
	Blocks    []blockAnswer     `json:"blocks"`
	Theirs    []string          `json:"theirs"`
	Fields    map[string]string `json:"fields"`
}

type blockAnswer struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
}

// overlapAnswer leads a form that saved in place to the page where the overlap is chosen.
type overlapAnswer struct {
	Error string `json:"error"`
	URL   string `json:"url"`
}

// answerSave answers a save that a script sent. Faults are answered as every fault is.
func (a *articles) answerSave(w http.ResponseWriter, saved article.Saved, err error) error {
	var overlap *article.Overlap
	if errors.As(err, &overlap) {
		return writeJSON(w, http.StatusConflict, overlapAnswer{Error: page.T("newsroom.conflict", overlap.By), URL: overlapURL(overlap)})
	}
	if err != nil {
		return err
	}
	at := saved.At.In(a.source.Zone())
	out := savedAnswer{Revision: saved.Number, At: at.Format("15:04:05"), Said: savedWords(saved), Merged: saved.Merged && len(saved.Theirs) > 0, Unchanged: saved.Unchanged,
		Theirs: saved.Theirs, Blocks: make([]blockAnswer, 0, len(saved.Blocks)), Fields: map[string]string{}}
	words := 0
	for _, b := range saved.Blocks {
		words += markup.Words(b.HTML)
		out.Blocks = append(out.Blocks, blockAnswer{b.ID, b.HTML})
	}
	out.Words = page.N("newsroom.article.tally", words)
	values := draftValues(saved.Fields, a.source.Zone())
	for name, v := range values {
		if slices.Contains(saved.Theirs, name) {
			out.Fields[name] = strings.Join(v, ",")
		}
	}
	return writeJSON(w, http.StatusOK, out)
}
