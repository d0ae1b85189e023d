package newsroom

import (
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"stet/internal/fault"
	"stet/internal/media"
	"stet/internal/page"
	"stet/internal/staff"
)

// A plain form may bring several files at once. They wait on disk, not in memory, until each is looked at.
const (
	limitUpload = 200<<20 + limitForm
	maxFiles    = 10
)

// UploadTime is how long files may be on their way.
const UploadTime = 15 * time.Minute

// arrival is what became of one file: media, with an older one of the same bytes where there is one, or why it wasn't taken.
type arrival struct {
	name string
	made media.Media
	same []media.Media
	why  map[string]string
}

func (m *pictures) upload(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	until, control := time.Now().Add(UploadTime), http.NewResponseController(w)
	// What can't be set stays as it is: then the server's own, shorter times hold.
	_ = errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until))
	f, err := page.ParseForm(w, r, limitUpload)
	if err != nil {
		return err
	}
	came, err := m.take(r, actor, f)
	if err != nil {
		return err
	}
	switch {
	case wantsJSON(r):
		return m.tellScript(w, came[0])
	case len(came) > 1:
		return m.tellMany(w, r, actor, came)
	case came[0].why != nil:
		return m.writeList(w, r, actor, uploadStatus(came[0]), form{words: "media", values: f.Values, faults: came[0].why})
	}
	said := page.T("newsroom.media.done.uploaded", came[0].made.ID)
	if len(came[0].same) > 0 {
		said = page.T("newsroom.media.done.same", came[0].made.ID, came[0].same[0].ID)
	}
	m.say(r, said)
	return seeOther(w, r, fmt.Sprintf("/newsroom/media/%d", came[0].made.ID))
}

// take looks at each file by itself: one that isn't taken costs the others nothing. Words that were typed belong to a file that comes alone; of
// several, each is given the caption and credit.
func (m *pictures) take(r *http.Request, actor staff.Actor, f page.Form) ([]arrival, error) {
	files := f.Files["file"]
	if len(files) == 0 {
		return []arrival{{why: map[string]string{"file": "media.file.empty"}}}, nil
	}
	up := media.Upload{Alt: f.Text("alt"), Caption: f.Text("caption"), Credit: f.Text("credit")}
	if len(files) > 1 {
		up.Alt = ""
	}
	out := make([]arrival, len(files))
	for i, file := range files {
		var err error
		if i >= maxFiles {
			err = fault.Field("file", "newsroom.media.too-many")
		} else {
			out[i], err = m.add(r, actor, file, up)
		}
		out[i].name = file.Filename
		faults, ok := refused(err)
		switch {
		case ok:
			out[i].why = faults
		case err != nil && len(files) == 1:
			return nil, err
		case err != nil:
			m.log.ErrorContext(r.Context(), "newsroom: one of several uploads", "error", err)
			out[i].why = map[string]string{"file": faultKey(page.Status(m.told(err)))}
		}
	}
	return out, nil
}

func (m *pictures) add(r *http.Request, actor staff.Actor, header *multipart.FileHeader, up media.Upload) (arrival, error) {
	if header.Size > media.MaxBytes {
		return arrival{}, fault.Field("file", "media.file.large")
	}
	file, err := header.Open()
	if err != nil {
		return arrival{}, err
	}
	defer file.Close()
	up.Name, up.Reader = header.Filename, file
	made, err := m.store.Add(r.Context(), actor, up)
	if err != nil {
		return arrival{}, err
	}
	same, err := m.store.Same(r.Context(), made)
	return arrival{made: made, same: same[made.ID]}, err
}

// uploadStatus is 413 for a file that is too large, 422 for any other that isn't taken.
func uploadStatus(a arrival) int {
	if a.why["file"] == "media.file.large" {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusUnprocessableEntity
}

func (m *pictures) tellScript(w http.ResponseWriter, a arrival) error {
	if a.why != nil {
		status := uploadStatus(a)
		return writeJSON(w, status, toldOf(status, &fault.Invalid{Fields: a.why}))
	}
	out := choiceOf(a.made)
	if len(a.same) > 0 {
		out.Same = a.same[0].ID
	}
	return writeJSON(w, http.StatusCreated, out)
}

// tellMany asks for the words of those that were taken, and says of the others why not.
func (m *pictures) tellMany(w http.ResponseWriter, r *http.Request, actor staff.Actor, came []arrival) error {
	var taken []media.Media
	var refusals []refusedFile
	for _, a := range came {
		if a.why == nil {
			taken = append(taken, a.made)
			continue
		}
		for _, why := range a.why {
			refusals = append(refusals, refusedFile{media.FileName(a.name), page.Say(why)})
			break
		}
	}
	if len(refusals) == 0 {
		m.say(r, page.N("newsroom.media.done.taken", len(taken)))
		return seeOther(w, r, "/newsroom/media/words?ids="+idList(taken))
	}
	return m.writeWords(w, r, actor, taken, refusals, form{words: "media", values: wordValues(taken)})
}

func idList(list []media.Media) string {
	ids := make([]string, len(list))
	for i, one := range list {
		ids[i] = strconv.FormatInt(one.ID, 10)
	}
	return strings.Join(ids, ",")
}

// maxWords is for how many files words are asked at once.
const maxWords = 100

// named are the media that a list of ids names and whose words actor may write, in the order of the list.
func (m *pictures) named(r *http.Request, actor staff.Actor, ids string) ([]media.Media, error) {
	var wanted []int64
	for text := range strings.SplitSeq(ids, ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || id <= 0 {
			return nil, fault.NotFound
		}
		if wanted = append(wanted, id); len(wanted) > maxWords {
			return nil, fmt.Errorf("%w: ids", page.ErrMalformed)
		}
	}
	found, err := m.store.ByIDs(r.Context(), wanted)
	if err != nil {
		return nil, err
	}
	var out []media.Media
	for _, id := range wanted {
		one, ok := found[id]
		if !ok {
			continue // deleted since
		}
		if !media.CanEdit(actor, one) {
			return nil, fault.Forbidden
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		return nil, fault.NotFound
	}
	return out, nil
}

func (m *pictures) askWords(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	q, err := page.Query(r)
	if err != nil {
		return err
	}
	list, err := m.named(r, actor, q.Text("ids"))
	if err != nil {
		return err
	}
	return m.writeWords(w, r, actor, list, nil, form{words: "media", values: wordValues(list)})
}

// wordFields are the words of one among several; each field's name ends with the number of its file.
var wordFields = []string{"alt", "caption", "credit"}

func wordValues(list []media.Media) url.Values {
	out := url.Values{}
	for _, one := range list {
		for name, value := range map[string]string{"alt": one.Alt, "caption": one.Caption, "credit": one.Credit} {
			out.Set(wordField(name, one.ID), value)
		}
	}
	return out
}

func wordField(name string, id int64) string { return name + "-" + strconv.FormatInt(id, 10) }

func (m *pictures) writeWords(w http.ResponseWriter, r *http.Request, actor staff.Actor, list []media.Media, refusals []refusedFile, fm form) error {
	title := page.T("newsroom.media.words-none")
	if len(list) > 0 {
		title = page.N("newsroom.media.words-of", len(list))
	}
	p := wordsPage{frame: m.frame(r, actor, title, "/newsroom/media"), IDs: idList(list), Faults: fm.all(), Refused: refusals}
	same, err := m.store.Same(r.Context(), list...)
	if err != nil {
		return err
	}
	for i, one := range list {
		row := wordsRow{picture: pictureOf(one), ID: one.ID, Name: one.Name, IsPicture: one.Width > 0}
		if f, ok := one.File(); ok {
			row.Note = fileNote(f)
		}
		if others := same[one.ID]; len(others) > 0 {
			row.Same = &page.Link{URL: fmt.Sprintf("/newsroom/media/%d", others[0].ID), Text: page.T("newsroom.media.number", others[0].ID)}
		}
		for j, to := range []*field{&row.Alt, &row.Caption, &row.Credit} {
			name := wordField(wordFields[j], one.ID)
			*to = fm.field(wordFields[j])
			to.ID, to.Name, to.Value, to.Fault = name, name, fm.values.Get(name), fm.faults[name]
		}
		row.Alt.Rows, row.Caption.Rows, row.Alt.Focus = 2, 2, i == 0
		p.Files = append(p.Files, row)
	}
	status := fm.status()
	if len(refusals) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return m.pages.words.Write(w, r, status, p)
}

// saveWords writes the words of several; what can't be kept of one keeps none of the others back.
func (m *pictures) saveWords(w http.ResponseWriter, r *http.Request, actor staff.Actor) error {
	f, err := page.ParseForm(w, r, limitForm)
	if err != nil {
		return err
	}
	list, err := m.named(r, actor, f.Text("ids"))
	if err != nil {
		return err
	}
	faults := map[string]string{}
	for _, one := range list {
		in := media.Words{Alt: one.Alt, Caption: one.Caption, Credit: one.Credit, FocalX: one.FocalX, FocalY: one.FocalY}
		for i, to := range []*string{&in.Alt, &in.Caption, &in.Credit} {
			if name := wordField(wordFields[i], one.ID); f.Has(name) {
				*to = f.Text(name)
			}
		}
		err := m.store.Update(r.Context(), actor, one.ID, in)
		wrong, ok := refused(err)
		if err != nil && !ok {
			return err
		}
		for name, why := range wrong {
			faults[wordField(name, one.ID)] = why
		}
	}
	if len(faults) > 0 {
		return m.writeWords(w, r, actor, list, nil, form{words: "media", values: f.Values, faults: faults})
	}
	m.say(r, page.N("newsroom.media.done.words", len(list)))
	return seeOther(w, r, "/newsroom/media")
}
