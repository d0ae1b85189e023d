package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"stet/internal/article"
	"stet/internal/media"
	"stet/internal/staff"
)

// script sends a request as the editor's script does, with the cookies of the visitor.
func (v *visitor) script(method, path, kind string, body []byte) answer {
	v.Helper()
	r := httptest.NewRequestWithContext(v.Context(), method, path, bytes.NewReader(body))
	r.Host = v.base().Host
	r.Header.Set("Accept", "application/json")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	return v.serve(r)
}

// serve hands a request to the program itself.
func (v *visitor) serve(r *http.Request) answer {
	v.Helper()
	for _, c := range v.client.Jar.Cookies(v.base()) {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	v.app.Handler().ServeHTTP(rec, r)
	return answer{Response: rec.Result(), body: rec.Body.String()}
}

// told reads an answer to a script and insists on its status.
func told[T any](v *visitor, a answer, status int) T {
	v.Helper()
	var out T
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.StatusCode != status || a.Header.Get("Content-Type") != "application/json; charset=utf-8" {
		v.Fatalf("%d %s %v, want JSON with %d:\n%.1500s", a.StatusCode, a.Header.Get("Content-Type"), err, status, a.body)
	}
	return out
}

// greyPNG is a small picture.
func greyPNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// uploadForm is the form of an upload: a file and its alt text.
func uploadForm(t testing.TB, name string, file []byte, alt string) (kind string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = m.WriteField("alt", alt)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return m.FormDataContentType(), b.Bytes()
}

// upload sends a small picture with its words, as the page does.
func (v *visitor) upload(name string) answer {
	v.Helper()
	kind, body := uploadForm(v, name, greyPNG(v), "A grey square")
	r := httptest.NewRequestWithContext(v.Context(), http.MethodPost, "/newsroom/media", bytes.NewReader(body))
	r.Host = v.base().Host
	r.Header.Set("Content-Type", kind)
	return v.serve(r)
}

type foundArticles struct {
	Articles []struct{ Headline, URL, At, Kind string }
}

type foundPicture struct {
	ID                         int64
	Src                        string
	Width, Height              int
	Alt, Caption, Credit, Name string
}

type foundPictures struct{ Pictures []foundPicture }

// TestPickers asks for what the editor's pickers offer: public articles to link to, and pictures.
func TestPickers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, path := w.published("Cafés at Cape Ore", "<p>Open.</p>")
	w.draft("Cafés nobody knows of", "<p>Closed.</p>")
	v := w.signedIn(staff.Contributor)
	for _, q := range []string{"", "?q=cafes", "?q=ORE+caf"} {
		got := told[foundArticles](v, v.script(http.MethodGet, "/newsroom/find"+q, "", nil), http.StatusOK)
		if len(got.Articles) != 1 || got.Articles[0].Headline != "Cafés at Cape Ore" || got.Articles[0].URL != path || got.Articles[0].Kind != "article" || got.Articles[0].At == "" {
			t.Errorf("find%s = %+v, want the public one at %s", q, got, path)
		}
	}
	if got := v.script(http.MethodGet, "/newsroom/find?q=zeppelin", "", nil); !strings.Contains(got.body, `"articles":[]`) {
		t.Errorf("nothing found is %s, want an empty list", got.body)
	}
	for i := range 30 {
		if _, err := w.app.Media.Add(t.Context(), w.people[staff.Editor], media.Upload{Name: fmt.Sprintf("p%02d.png", i), Reader: bytes.NewReader(greyPNG(t)), Alt: "Él Niño", Caption: "C", Credit: "R"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.app.Media.Add(t.Context(), w.people[staff.Editor], media.Upload{Name: "paper.pdf", Reader: strings.NewReader("%PDF-1.4\n"), Alt: "El nino"}); err != nil {
		t.Fatal(err)
	}
	first := told[foundPictures](v, v.script(http.MethodGet, "/newsroom/media/find?q=el+nino", "", nil), http.StatusOK).Pictures
	rest := told[foundPictures](v, v.script(http.MethodGet, "/newsroom/media/find?q=el+nino&page=2", "", nil), http.StatusOK).Pictures
	if len(first) != 24 || len(rest) != 6 || first[0].Name != "p29.png" || rest[5].Name != "p00.png" {
		t.Fatalf("pictures: %d and %d, want 24 and 6, newest first", len(first), len(rest))
	}
	if p := first[0]; p.ID == 0 || p.Width != 40 || p.Height != 30 || p.Alt != "Él Niño" || p.Caption != "C" || p.Credit != "R" || v.get(p.Src).StatusCode != http.StatusOK {
		t.Errorf("a picture is %+v", p)
	}
	w.tagged("Ports", "Ports and passages", "Rooms")
	if got := told[struct{ Names []string }](v, v.script(http.MethodGet, "/newsroom/tags/find?q=port", "", nil), http.StatusOK).Names; !slices.Equal(got, []string{"Ports", "Ports and passages"}) {
		t.Errorf("tags with port = %v", got)
	}
	told[map[string]string](w.visitor(), w.visitor().script(http.MethodGet, "/newsroom/find", "", nil), http.StatusUnauthorized)
	told[map[string]string](v, v.script(http.MethodGet, "/newsroom/media/find?page=x", "", nil), http.StatusBadRequest)
	m := w.signedIn(staff.Moderator)
	told[map[string]string](m, m.script(http.MethodGet, "/newsroom/find", "", nil), http.StatusForbidden)
}

// tagged publishes an article with tags, which are known from then on.
func (w *world) tagged(tags ...string) {
	w.Helper()
	id, err := w.app.Articles.Create(w.Context(), w.people[staff.Editor], article.KindArticle, "")
	if err != nil {
		w.Fatal(err)
	}
	saved, err := w.app.Articles.Save(w.Context(), w.people[staff.Editor], id, article.SaveIn{Draft: article.Draft{Headline: "Tagged", Tags: tags}, Base: 1})
	if err == nil {
		_, err = w.app.Articles.Publish(w.Context(), w.people[staff.Editor], id, article.PublishIn{Revision: saved.Number})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// TestUploadByScript gives the editor the picture it sent, or says what is wrong with it.
func TestUploadByScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.signedIn(staff.Contributor)
	send := func(file []byte, alt string) answer {
		kind, body := uploadForm(t, "grey.png", file, alt)
		return v.script(http.MethodPost, "/newsroom/media", kind, body)
	}
	got := told[foundPicture](v, send(greyPNG(t), "A grey square"), http.StatusCreated)
	if got.ID == 0 || got.Width != 40 || got.Alt != "A grey square" || got.Name != "grey.png" || v.get(got.Src).StatusCode != http.StatusOK {
		t.Errorf("the picture comes back as %+v", got)
	}
	type faults struct {
		Error  string
		Faults map[string]string
	}
	for name, tt := range map[string]struct {
		file       []byte
		alt, field string
	}{
		"no picture": {[]byte("<svg onload=alert(1)>"), "", "file"}, "nothing": {nil, "", "file"}, "a long alt": {greyPNG(t), strings.Repeat("a", 2000), "alt"},
	} {
		if got := told[faults](v, send(tt.file, tt.alt), http.StatusUnprocessableEntity); got.Faults[tt.field] == "" || strings.Contains(got.Faults[tt.field], "media.file.") || got.Error == "" {
			t.Errorf("%s: %+v, want a sentence for %s", name, got, tt.field)
		}
	}
	if got := told[faults](v, send(bytes.Repeat([]byte("x"), media.MaxBytes+1<<20), ""), http.StatusRequestEntityTooLarge); got.Error == "" {
		t.Error("a large file is answered without a word")
	}
}
