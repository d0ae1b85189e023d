package page

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func testSet(t testing.TB, more map[string]string) *Set {
	t.Helper()
	fsys := fstest.MapFS{}
	files := map[string]string{
		"layouts/site.html": `<title>{{.Title}}</title><link href="{{asset "site.css"}}">{{template "main" .}}`,
		"partials/a.html":   `{{define "who"}}{{T "hello" .}}{{end}}`,
		"site/one.html":     `{{define "main"}}<p>{{template "who" .Name}} {{N "cats" .Cats}}</p>{{with around "read"}}{{.Before}}<b>x</b>{{.After}}{{end}}{{end}}`,
		"text/en.json":      `{"hello": "Hello, {0}", "read": "Read {0} now", "cats": {"one": "{n} cat", "other": "{n} cats"}}`,
	}
	maps.Copy(files, more)
	for name, body := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return NewSet(fsys, NewAssets(testAssets()), Options{})
}

type onePage struct {
	Title, Name string
	Cats        int
}

func TestPageWrites(t *testing.T) {
	p := Must[onePage](testSet(t, nil), "site/one.html")
	w := httptest.NewRecorder()
	w.Header().Set("Cache-Control", "public")
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if err := p.Write(w, r, http.StatusOK, onePage{"A < B", "<Ann>", 1200}); err != nil {
		t.Fatal(err)
	}
	body := w.Body.String()
	for _, want := range []string{"<title>A &lt; B</title>", "Hello, &lt;Ann&gt; 1,200 cats", "Read <b>x</b> now", "/static/"} {
		if !strings.Contains(body, want) {
			t.Errorf("page lacks %q: %s", want, body)
		}
	}
	if got := w.Result().ContentLength; got != int64(len(body)) {
		t.Errorf("Content-Length = %d, want %d", got, len(body))
	}

	r.Header.Set("If-None-Match", w.Header().Get("ETag"))
	again := httptest.NewRecorder()
	if err := p.Write(again, r, http.StatusOK, onePage{"A < B", "<Ann>", 1200}); err != nil || again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("second request = %d, %q, %v, want an empty 304", again.Code, again.Body, err)
	}
}

func TestHeadHasNoBody(t *testing.T) {
	p := Must[onePage](testSet(t, nil), "site/one.html")
	w := httptest.NewRecorder()
	if err := p.Write(w, httptest.NewRequest(http.MethodHead, "/", nil), http.StatusNotFound, onePage{}); err != nil {
		t.Fatal(err)
	}
	if w.Body.Len() > 0 || w.Header().Get("Content-Length") == "" || w.Code != http.StatusNotFound {
		t.Errorf("HEAD = %d, %v, %q", w.Code, w.Header(), w.Body)
	}
}

func TestNoStoreHasNoETag(t *testing.T) {
	p := Must[onePage](testSet(t, nil), "site/one.html")
	w := httptest.NewRecorder()
	Private(w)
	if err := p.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, onePage{}); err != nil {
		t.Fatal(err)
	}
	if tag := w.Header().Get("ETag"); tag != "" {
		t.Errorf("a private page has ETag %s", tag)
	}
}

func TestMustRefusesBrokenPages(t *testing.T) {
	for name, page := range map[string]string{
		"unknown asset":        `{{define "main"}}{{if true}}{{asset "gone.css"}}{{end}}{{end}}`,
		"unknown word":         `{{define "main"}}{{range .}}x{{else}}{{T "gone"}}{{end}}{{end}}`,
		"unknown word in call": `{{define "main"}}{{template "who" (T "gone")}}{{end}}`,
		"no main":              `{{define "other"}}{{end}}`,
		"syntax":               `{{define "main"}}{{if}}`,
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: Must accepted it", name)
				}
			}()
			Must[onePage](testSet(t, map[string]string{"site/bad.html": page}), "site/bad.html")
		}()
	}
}

func TestReloadReadsAnew(t *testing.T) {
	static := testAssets()
	fsys := fstest.MapFS{
		"layouts/site.html": {Data: []byte(`{{template "main" .}}`)},
		"site/one.html":     {Data: []byte(`{{define "main"}}{{asset "site.css"}} {{T "a"}}{{end}}`)},
		"text/en.json":      {Data: []byte(`{"a": "old"}`)},
	}
	s := NewSet(fsys, NewAssets(static), Options{Reload: true})
	p := Must[onePage](s, "site/one.html")
	before := s.assets.Path("site.css")
	fsys["text/en.json"] = &fstest.MapFile{Data: []byte(`{"a": "new"}`)}
	static["site.css"] = &fstest.MapFile{Data: []byte("b{}")}
	w := httptest.NewRecorder()
	if err := p.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, onePage{}); err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(w.Body)
	if err != nil || strings.Contains(string(body), before) || !strings.HasSuffix(string(body), "new") {
		t.Errorf("page = %q, %v, want the new word and another address than %s", body, err, before)
	}
}

func TestFacesKeepTheirPartials(t *testing.T) {
	s := testSet(t, map[string]string{
		"layouts/newsroom.html":      `{{template "main" .}}`,
		"partials/newsroom-bar.html": `{{define "bar"}}{{T "of their own"}}{{end}}`,
	})
	p := Must[onePage](s, "site/one.html")
	if p.tmpl.Lookup("bar") != nil {
		t.Error("a page of site was given a partial of the newsroom")
	}
	if p.tmpl.Lookup("who") == nil {
		t.Error("a page of site lacks a shared partial")
	}
}

func TestFragmentHasNoLayout(t *testing.T) {
	p := MustFragment[onePage](testSet(t, nil), "site/one.html")
	w := httptest.NewRecorder()
	if err := p.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusOK, onePage{Name: "Ann"}); err != nil {
		t.Fatal(err)
	}
	if body := w.Body.String(); strings.Contains(body, "<title>") || !strings.Contains(body, "Hello, Ann") {
		t.Errorf("fragment = %q", body)
	}
}
