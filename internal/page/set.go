package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Set is where pages come from: the templates below one file system, with the assets they name.
type Set struct {
	fsys   fs.FS
	assets *Assets
	reload bool

	mu    sync.Mutex
	pages []Parsed
	bases map[string]*template.Template // by face and layout: it and its partials
}

// Options of a Set.
type Options struct {
	// Reload rereads templates, words and assets at every page, for people who work on them.
	Reload bool
}

// Parsed is one page of a set, for tests that check its template against its type.
type Parsed struct {
	Name     string
	Template *template.Template
	Zero     any
	// Compile says why the page can't be compiled, so that html/template executes it; nil where it can.
	Compile func() error
	// Render is the page's; data has the type of Zero.
	Render func(body *bytes.Buffer, data any) error
}

// NewSet makes a set from a file system with layouts/, partials/, text/ and a folder of pages for each face. It loads the
// words too and panics where they can't be read.
func NewSet(fsys fs.FS, assets *Assets, o Options) *Set {
	if err := loadText(fsys); err != nil {
		panic(err)
	}
	return &Set{fsys: fsys, assets: assets, reload: o.Reload}
}

// Pages lists what Must has parsed so far.
func (s *Set) Pages() []Parsed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Parsed(nil), s.pages...)
}

// Page is a template that is given a T, and nothing else.
type Page[T any] struct {
	set      *Set
	name     string
	fragment bool
	tmpl     *template.Template
	// program is tmpl compiled, which takes place when the page is first asked for.
	program func() (*program, error)
}

// Must parses the page called name, such as "site/article.html", which defines "main" and stands in the layout of its first
// folder, layouts/site.html, with the partials at hand that aren't another face's. It panics when the page can't be parsed or names an unknown asset or
// word, so that a broken template ends the start and not a request.
func Must[T any](s *Set, name string) *Page[T] { return must[T](s, name, false) }

// MustFragment is Must for a piece of a page, which stands in no layout.
func MustFragment[T any](s *Set, name string) *Page[T] { return must[T](s, name, true) }

func must[T any](s *Set, name string, fragment bool) *Page[T] {
	t, err := s.parse(name, fragment)
	if err != nil {
		panic(err)
	}
	p := &Page[T]{set: s, name: name, fragment: fragment, tmpl: t}
	p.program = sync.OnceValues(func() (*program, error) { return compile(t, reflect.TypeFor[T](), s.assets) })
	var zero T
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = append(s.pages, Parsed{Name: name, Template: t, Zero: zero,
		Compile: func() error { _, err := p.program(); return err },
		Render:  func(body *bytes.Buffer, data any) error { return p.Render(body, data.(T)) }})
	return p
}

func (s *Set) parse(name string, fragment bool) (*template.Template, error) {
	face, _, _ := strings.Cut(name, "/")
	layout := "layouts/" + face + ".html"
	if fragment {
		layout = ""
	}
	base, err := s.base(face, layout)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	root := path.Base(layout)
	t, err := s.empty(root).ParseFS(s.fsys, name)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	if t.Lookup("main") == nil {
		return nil, fmt.Errorf("page %s: defines no \"main\"", name)
	}
	if err := checkTemplates(t, s.assets); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	if fragment {
		root = "main"
	}
	if err := join(t, base, root); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return t.Lookup(root), nil
}

// empty is a template to parse into.
func (s *Set) empty(name string) *template.Template {
	return template.New(name).Option("missingkey=error").Funcs(s.funcs())
}

// base is the layout with its face's partials; an empty layout stands for the partials alone. It is parsed and checked once, except where
// templates are reread, and never executed: pages take copies.
func (s *Set) base(face, layout string) (*template.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept := s.bases[face+layout]; kept != nil && !s.reload {
		return kept, nil
	}
	files, err := s.partials(face)
	if err != nil {
		return nil, err
	}
	if layout != "" {
		files = append(files, layout)
	}
	t := s.empty(path.Base(layout))
	if len(files) > 0 {
		if t, err = t.ParseFS(s.fsys, files...); err != nil {
			return nil, err
		}
	}
	if err := checkTemplates(t, s.assets); err != nil {
		return nil, err
	}
	if s.bases == nil {
		s.bases = map[string]*template.Template{}
	}
	s.bases[face+layout] = t
	return t, nil
}

// join copies into t what its template called root needs of base, and no more: most pages use few of the partials.
func join(t, base *template.Template, root string) error {
	need := []string{root}
	for seen := map[string]bool{}; len(need) > 0; need = need[1:] {
		name := need[0]
		if seen[name] {
			continue
		}
		seen[name] = true
		own := t.Lookup(name)
		if own == nil || own.Tree == nil {
			of := base.Lookup(name)
			if of == nil || of.Tree == nil {
				return fmt.Errorf("no template %q", name)
			}
			var err error
			if own, err = t.AddParseTree(name, of.Tree.Copy()); err != nil {
				return err
			}
		}
		need = append(need, named(own.Tree.Root)...)
	}
	return nil
}

// partials lists the partials a face may use: all but those whose file is named after another face, as newsroom.html is.
func (s *Set) partials(face string) ([]string, error) {
	all, err := fs.Glob(s.fsys, "partials/*.html")
	if err != nil {
		return nil, err
	}
	layouts, err := fs.Glob(s.fsys, "layouts/*.html")
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(partial string) bool {
		return slices.ContainsFunc(layouts, func(layout string) bool {
			other := strings.TrimSuffix(path.Base(layout), ".html")
			return other != face && strings.HasPrefix(path.Base(partial), other)
		})
	}), nil
}

func (s *Set) funcs() template.FuncMap {
	return template.FuncMap{"asset": s.assets.Path, "T": T, "N": N, "around": Around, "say": Say}
}

// Write renders data and sends it under status, keeping every header set before. It answers If-None-Match and HEAD. The error
// is the template's; a reader who goes away in the middle is no error.
func (p *Page[T]) Write(w http.ResponseWriter, r *http.Request, status int, data T) error {
	body := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(body)
	body.Reset()
	if err := p.Render(body, data); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	send(w, r, status, body.Bytes())
	return nil
}

// Compare has every page that is rendered from compiled templates rendered by html/template too, and makes an error of each difference. Tests
// switch it on.
var Compare atomic.Bool

// Render writes the page to body, for pages that are made before anybody asks for them.
func (p *Page[T]) Render(body *bytes.Buffer, data T) error {
	if p.set.reload {
		t, err := p.set.reread(p.name, p.fragment)
		if err != nil {
			return err
		}
		return p.execute(t, body, data)
	}
	program, err := p.program()
	if err != nil {
		return p.execute(p.tmpl, body, data)
	}
	begin := body.Len()
	written := program.write(body, reflect.ValueOf(&data).Elem())
	if Compare.Load() {
		return p.compare(body.Bytes()[begin:], written, data)
	}
	if !written {
		return p.execute(p.tmpl, body, data)
	}
	return nil
}

func (p *Page[T]) execute(t *template.Template, body *bytes.Buffer, data T) error {
	if err := t.Execute(body, data); err != nil {
		return fmt.Errorf("render %s: %w", p.name, err)
	}
	return nil
}

// compare holds what a program has written, if it has, to what html/template writes.
func (p *Page[T]) compare(got []byte, written bool, data T) error {
	var want bytes.Buffer
	if err := p.execute(p.tmpl, &want, data); err != nil {
		if written {
			return fmt.Errorf("compiled, there is no error: %w", err)
		}
		return err
	}
	if !written {
		return fmt.Errorf("render %s: compiled, the page can't be written", p.name)
	}
	if w := want.Bytes(); !bytes.Equal(got, w) {
		at := 0
		for at < min(len(got), len(w)) && got[at] == w[at] {
			at++
		}
		from := max(0, at-100)
		return fmt.Errorf("render %s: compiled, the page differs at %d: %q, not %q", p.name, at, got[from:min(len(got), at+100)], w[from:min(len(w), at+100)])
	}
	return nil
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (s *Set) reread(name string, fragment bool) (*template.Template, error) {
	if err := s.assets.reload(); err != nil {
		return nil, err
	}
	if err := loadText(s.fsys); err != nil {
		return nil, err
	}
	return s.parse(name, fragment)
}

// Send answers with bytes made elsewhere, such as a feed, and with the same care as a page: length, HEAD, If-None-Match.
func Send(w http.ResponseWriter, r *http.Request, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	send(w, r, http.StatusOK, body)
}

func send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	zipped := false
	if zippable(h, body) {
		h.Add("Vary", "Accept-Encoding")
		zipped = accepts(r, "gzip")
	}
	if status == http.StatusOK && !strings.Contains(h.Get("Cache-Control"), "no-store") {
		tag := etag(body, zipped)
		h.Set("ETag", tag)
		if matches(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if zipped {
		out := buffers.Get().(*bytes.Buffer)
		defer buffers.Put(out)
		out.Reset()
		zipInto(out, body)
		body = out.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the reader went away; there is nobody to tell
}

// etag names what is sent, which is other bytes when it is compressed.
func etag(body []byte, zipped bool) string {
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:12])
	if zipped {
		tag += "-gzip"
	}
	return `"` + tag + `"`
}

// matches compares weakly, as RFC 9110 wants for If-None-Match.
func matches(header, tag string) bool {
	for _, t := range strings.Split(header, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		if t == tag || t == "*" {
			return true
		}
	}
	return false
}
