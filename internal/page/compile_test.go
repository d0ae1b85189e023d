package page

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"testing"
)

// fragment is a page without a layout, made of source and of more templates.
func fragment[T any](t testing.TB, source string) *Page[T] {
	t.Helper()
	Compare.Store(true)
	t.Cleanup(func() { Compare.Store(false) })
	s := testSet(t, map[string]string{"site/x.html": `{{define "main"}}` + source + `{{end}}`})
	return MustFragment[T](s, "site/x.html")
}

// same fails where p isn't compiled, or writes for one of data what html/template doesn't, and returns the last that was written.
func same[T any](t testing.TB, p *Page[T], data ...T) string {
	t.Helper()
	if _, err := p.program(); err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	for _, d := range data {
		body.Reset()
		if err := p.Render(&body, d); err != nil {
			t.Errorf("%#v: %v", d, err)
		}
	}
	return body.String()
}

type shown struct {
	onePage
	*linked
	Text    string
	HTML    template.HTML
	Kind    kind
	Number  int64
	Yes     bool
	List    []shown
	Few     [2]string
	Pointer *shown
	Names   []string
	Level   level
	Any     any
	Data    []any
	Map     map[string]string
	Price   float64
}

type linked struct{ URL string }

type kind string

type level int

func (l level) String() string { return strings.Repeat("<", int(l)) }

func (s shown) Loud() string { return strings.ToUpper(s.Text) + "!" }

func (s shown) Few2() kind { return kind(s.Few[1]) }

func (s shown) Breaks() string { panic("broken") }

func (s *shown) OfPointer() string { return s.Text }

func full() shown {
	inner := shown{Text: "in <side>", linked: &linked{"/in?a=b&c=d"}, Names: []string{"x"}}
	return shown{onePage: onePage{Title: "A < B", Name: "Ann", Cats: 1200}, linked: &linked{"/a b?c='d'"}, Text: `"+&'`, HTML: "<b>&amp;</b>", Kind: "k<", Number: -7, Yes: true, List: []shown{inner, inner, inner},
		Few: [2]string{"one", "<two>"}, Pointer: &inner, Names: []string{"<a>", "", "c"}, Level: 2, Any: map[string]any{"<": "</script>"}, Data: []any{1, nil, "x", []string{"\u2028"}}}
}

// What the compiler knows of templates does what html/template does.
func TestCompiledNodes(t *testing.T) {
	bare := shown{linked: &linked{}, Pointer: &shown{linked: &linked{}}}
	for name, source := range map[string]string{
		"fields":            `{{.Text}} {{.Title}} {{.URL}} {{.Pointer.Text}} {{.HTML}} {{.Kind}} {{.Number}} {{.Yes}} {{.Level}} {{$.Cats}}`,
		"methods":           `{{.Loud}} {{.Pointer.Loud}} {{.Few2}} {{range .List}}{{.Loud}}{{end}}`,
		"if":                `{{if .Text}}a{{else if .Yes}}b{{else}}c{{end}}{{if .Names}}d{{end}}{{if .Pointer}}e{{end}}{{if .Number}}f{{end}}{{if .HTML}}g{{end}}{{if .Few}}h{{end}}`,
		"logic":             `{{if and .Text .Yes}}a{{end}}{{if or .Text .Names}}b{{end}}{{if not .Yes}}c{{end}}{{if and .Names (not (or .Text .Yes))}}d{{end}}{{if true}}e{{end}}`,
		"comparing":         `{{if eq .Text "x"}}a{{end}}{{if eq .Kind "k<"}}b{{end}}{{if eq .Cats 1200}}c{{end}}{{if lt (len .Names) 2}}d{{end}}{{len .Names}}{{$same := eq .Text .Title}}{{if $same}}e{{end}}{{$same}}`,
		"with":              `{{with .Text}}<{{.}}>{{else}}none{{end}}{{with .Pointer}}{{.Text}}{{with .Pointer}}{{.Text}}{{end}}{{end}}{{with .Names}}{{index . 0}}{{end}}`,
		"range":             `{{range .Names}}[{{.}}]{{else}}none{{end}}{{range $i, $n := .Names}}{{if $i}}, {{end}}{{$n}}{{$i}}{{$.Text}}{{end}}{{range $n := .Few}}{{$n}}{{.}}{{end}}`,
		"variables":         `{{$a := .Text}}{{with .Pointer}}{{$b := .Text}}{{$a}}{{$b}}{{$a := "new"}}{{$a}}{{end}}{{$a}}{{range .List}}{{$c := .Text}}{{$c}}{{$a}}{{end}}{{$t := T "cats" }}{{$t}}`,
		"templates":         `{{template "row" .Pointer}}{{range .List}}{{template "row" .}}{{end}}{{template "who" .Text}}{{template "who" (T "read")}}{{template "plain"}}`,
		"recursion":         `{{template "tree" .}}`,
		"templates in tags": `<p{{template "lang" .}} title="{{template "who" .Text}}" {{template "lang" .Pointer}}>{{template "who" .Text}}</p><textarea{{template "lang" .}}>{{template "who" .Text}}</textarea>`,
		"index":             `{{index .Few 1}}{{(index .List 0).Text}}{{range $i, $n := .Names}}{{index $.Names $i}}{{end}}`,
		"words":             `{{T "hello" .Text}}{{T "hello" .Number}}{{T "read"}}{{T .Text}}{{N "cats" .Cats}}{{N "cats" 1}}{{say .Text}}{{say "hello|x"}}{{asset "site.css"}}<a href="{{asset "site.css"}}" title="{{T "hello"}}">`,
		"words around":      `{{with around "read"}}{{.Before}}<b>{{$.Text}}</b>{{.After}}{{if $.Yes}}{{.After}}{{end}}{{template "who" .Before}}{{end}}`,
		"data":              `<script type="application/ld+json">{{.Any}}</script>{{range .Data}}<script type="application/json">{{.}}</script>{{end}}`,
	} {
		t.Run(name, func(t *testing.T) {
			more := `{{end}}{{define "row"}}<i>{{.Text}}{{$.Loud}}</i>{{end}}{{define "plain"}}<hr>{{end}}{{define "lang"}} lang="{{.Text}}"{{with .URL}} data-url="{{.}}"{{end}}{{end}}` +
				`{{define "tree"}}{{.Text}}{{range .List}}<ul>{{template "tree" .}}</ul>{{end}}{{with .Pointer}}{{template "tree" .}}{{end}}`
			if got := same(t, fragment[shown](t, source+more), full()); got == "" {
				t.Error("nothing was written")
			}
			if strings.Contains(source, "index") || strings.Contains(source, "$.Pointer") {
				return // an empty list has no first element
			}
			same(t, fragment[shown](t, source+more), bare)
		})
	}
}

// A page in which there is something unknown is left to html/template, which still writes it.
func TestUnknownIsLeftToHTMLTemplate(t *testing.T) {
	for name, source := range map[string]string{
		"break":                     `{{range .Names}}{{break}}{{end}}`,
		"assignment":                `{{$a := .Text}}{{$a = "b"}}{{$a}}`,
		"a pipeline":                `{{.Text | printf "%s"}}`,
		"a function":                `{{printf "%s" .Text}}`,
		"a map":                     `{{.Map.a}}`,
		"range over a map":          `{{range .Map}}{{.}}{{end}}`,
		"range over a number":       `{{range .Cats}}{{.}}{{end}}`,
		"an any in text":            `{{.Any}}`,
		"a condition on any":        `{{if .Any}}a{{end}}`,
		"a float":                   `{{.Price}}`,
		"a list":                    `{{.Names}}`,
		"a pointer":                 `{{.Pointer}}`,
		"trusted HTML in a value":   `<p title="{{.HTML}}">`,
		"a value without quotes":    `<p title={{.Text}}>`,
		"a style":                   `<p style="color: {{.Text}}">`,
		"an attribute's name":       `<p {{.Text}}="a">`,
		"a comparison of kinds":     `{{if eq .Number 7}}a{{end}}`,
		"one of several":            `{{or .Text .Title}}`,
		"an argument that is named": `{{T "hello" .Any}}`,
		"a method of a pointer":     `{{range .List}}{{.OfPointer}}{{end}}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := fragment[shown](t, source)
			data := full()
			data.Map = map[string]string{"a": "<b>"}
			if _, err := p.program(); err == nil {
				t.Fatal("it is compiled")
			}
			var got, want bytes.Buffer
			if err := p.Render(&got, data); err != nil {
				t.Fatal(err)
			}
			if err := p.tmpl.Execute(&want, data); err != nil || got.String() != want.String() {
				t.Errorf("written: %q, want %q, %v", &got, &want, err)
			}
		})
	}
}

// Where html/template has an error, so has the page, in the same words, and what was in the body before stays.
func TestCompiledErrors(t *testing.T) {
	for name, source := range map[string]string{
		"nil pointer":          `a{{.Pointer.Text}}`,
		"nil embedded pointer": `a{{.URL}}`,
		"method of nil":        `a{{.Pointer.Loud}}`,
		"out of range":         `a{{index .Names 3}}`,
		"a method that panics": `a{{.Breaks}}`,
		"endless templates":    `a{{template "again" .}}{{end}}{{define "again"}}{{template "again" .}}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := fragment[shown](t, source)
			Compare.Store(false)
			if _, err := p.program(); err != nil {
				t.Fatal(err)
			}
			body := bytes.NewBufferString("before ")
			err, want := p.Render(body, shown{}), p.tmpl.Execute(&bytes.Buffer{}, shown{})
			if err == nil || want == nil || err.Error() != "render site/x.html: "+want.Error() {
				t.Errorf("Render = %v, want %v", err, want)
			}
			if got := body.String(); got != "before a" {
				t.Errorf("body = %q", got)
			}
		})
	}
}

// Comparing finds what differs: another byte, a page too short, an error that one has and the other hasn't.
func TestCompareFindsDifferences(t *testing.T) {
	p := fragment[shown](t, `<p>{{.Text}}</p>{{.Pointer.Text}}`)
	data := shown{Text: "+", Pointer: &shown{}}
	for body, same := range map[string]bool{"<p>&#43;</p>": true, "<p>+</p>": false, "<p>&#43;</p": false, "<p>&#43;</p>\n": false, "": false} {
		if err := p.compare([]byte(body), true, data); (err == nil) != same {
			t.Errorf("compare %q = %v", body, err)
		}
	}
	if p.compare(nil, false, data) == nil {
		t.Error("a page that can't be written is taken for one")
	}
	if p.compare([]byte("<p></p>"), true, shown{}) == nil || p.compare(nil, false, shown{}) == nil {
		t.Error("a page in which there is an error is taken for one")
	}
}

// places are where a text can stand in our pages, with the escapers of each.
var places = map[string]string{
	"text": `<p>{{.}}</p>`, "value": `<p title="{{.}}">`, "value with more": `<p class="a {{.}} b">`, "single quotes": `<p title='{{.}}'>`, "title": `<title>{{.}}</title>`, "textarea": `<textarea>{{.}}</textarea>`,
	"address": `<a href="{{.}}">`, "path": `<a href="/a/{{.}}/b">`, "query": `<a href="/a?b={{.}}">`, "fragment": `<a href="#{{.}}">`, "source": `<img src="{{.}}" srcset="{{.}}">`, "form": `<form action="{{.}}">`,
	"script": `<script type="application/json">{{.}}</script>`,
}

func hostileTexts() []string {
	all := []string{"", "plain", "a+b", `<b>"'&`, "\x00", "\xff\xfe", "\u2028\u2029\ufffd\ufeff\U0001F600", "javascript:alert(1)", "JaVaScRiPt:1", "data:text/html,x", "HTTPS://a", "mailto:a@b", "MAILTO:a", "tel:1", "a/b:c", ":", "a:b/c", "//a:b",
		"%", "%4", "%41", "%zz%4G", "http://a/b?c=d&e=f#g;h,i[j](k)'l'", "/ä ö/漢", "a 1x,b 2x", "a 1x, javascript:b 2x,", " a.webp  480w ,\tb%2c 1.5x,c \n2x", ",", ",,", " ", "a b c", "a ;", "\f\v a", "</script><!--]]>", "{{.}}", "ſ:kelvin K:a", "httpſ:x"}
	var every strings.Builder
	for b := range 256 {
		every.WriteByte(byte(b))
		all = append(all, string([]byte{byte(b)}), string([]byte{'a', byte(b), 'b'}), string([]byte{'%', '4', byte(b)}), string([]byte{'a', ' ', byte(b), 'x'}))
	}
	return append(all, every.String(), every.String()+every.String())
}

// Every text comes out of the escapers as out of html/template's, in every place.
func TestEscapersAreThoseOfHTMLTemplate(t *testing.T) {
	for place, source := range places {
		t.Run(place, func(t *testing.T) {
			texts := hostileTexts()
			same(t, fragment[string](t, source), texts...)
			p := fragment[kind](t, source)
			for _, text := range texts {
				same(t, p, kind(text))
			}
			same(t, fragment[int64](t, source), -1, 0, 12, -1<<63)
			same(t, fragment[bool](t, source), true, false)
			same(t, fragment[level](t, source), 0, 1, 3)
		})
	}
	same(t, fragment[template.HTML](t, places["text"]), "", "<b>&amp;+</b>\x00")
	same(t, fragment[[]any](t, `{{range .}}`+places["script"]+`{{end}}`), []any{nil, 1, 1.5, "a\u2028", []int(nil), map[string]any{"a": "</script>", "b": nil}, struct{ A string }{"<"}, level(2), fmt.Errorf("x"), func() {}})
}

func FuzzEscapers(f *testing.F) {
	for _, text := range hostileTexts()[:40] {
		f.Add(text)
	}
	pages := map[string]*Page[string]{}
	for place, source := range places {
		pages[place] = fragment[string](f, source)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range pages {
			same(t, p, text)
		}
	})
}
