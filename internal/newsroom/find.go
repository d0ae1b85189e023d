package newsroom

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"stet/internal/article"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// find answers the editor's pickers: what a link can lead to, and which pictures there are.
type find struct {
	*face
	store *article.Store
	media *media.Store
	// taxonomy knows the tags.
	taxonomy *taxonomy.Store
}

// target is an article or page as a place to link to.
type target struct {
	Headline string `json:"headline"`
	URL      string `json:"url"`
	At       string `json:"at"`
	Kind     string `json:"kind"`
}

func (d *find) articles(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	found, err := d.store.Find(r.Context(), actor, q.Text("q"))
	if err != nil {
		return err
	}
	out := struct {
		Articles []target `json:"articles"`
	}{make([]target, len(found))}
	for i, one := range found {
		out.Articles[i] = target{one.Headline, one.Path, one.At.UTC().Format(time.RFC3339), string(one.Kind)}
	}
	return writeJSON(w, http.StatusOK, out)
}

// manyTags is how many tags are offered while one is typed.
const manyTags = 20

// tags names known tags that hold what is typed.
func (d *find) tags(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	found, err := d.taxonomy.Tags(r.Context(), q.Text("q"), "")
	if err != nil {
		return err
	}
	var out struct {
		Names []string `json:"names"`
	}
	for _, t := range found[:min(len(found), manyTags)] {
		out.Names = append(out.Names, t.Name)
	}
	return writeJSON(w, http.StatusOK, out)
}

// choice is a picture to be chosen, or a file where Width is 0. Name is only for the eye.
type choice struct {
	ID      int64  `json:"id"`
	Src     string `json:"src"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Alt     string `json:"alt"`
	Caption string `json:"caption"`
	Credit  string `json:"credit"`
	Name    string `json:"name"`
	// Note is the kind and size of a file.
	Note string `json:"note,omitempty"`
	// Same is an older one of the same bytes.
	Same int64 `json:"same,omitempty"`
}

func choiceOf(m media.Media) choice {
	small := pictureOf(m)
	out := choice{ID: m.ID, Src: small.Src, Width: small.Width, Height: small.Height, Alt: m.Alt, Caption: m.Caption, Credit: m.Credit, Name: m.Name}
	if f, ok := m.File(); ok {
		out.Note = fileNote(f)
	}
	return out
}

// fileNote is the kind and size of a file.
func fileNote(f media.File) string { return page.T("file.note", f.Word, page.Size(f.Bytes)) }

// Pictures come in pages, and no further than anybody looks.
const (
	pickerPage = 24
	lastPage   = 1000
)

// pictures finds pictures, or files where they are asked for.
func (d *find) pictures(w http.ResponseWriter, r *http.Request, _ staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	n, err := q.Int("page")
	if err != nil {
		return err
	}
	n = cmp.Or(min(n, lastPage), 1)
	found, err := d.media.List(r.Context(), media.Filter{Q: strings.Join(strings.Fields(q.Text("q")), " "), Pictures: !q.On("files"), Files: q.On("files"), Skip: int(n-1) * pickerPage, Limit: pickerPage})
	if err != nil {
		return err
	}
	out := struct {
		Pictures []choice `json:"pictures"`
	}{make([]choice, len(found))}
	for i, one := range found {
		out.Pictures[i] = choiceOf(one.Media)
	}
	return writeJSON(w, http.StatusOK, out)
}
