// Package pagetest holds the compiled pages of a set to what html/template makes of them, for data of all shapes with hostile texts in it.
//
// It is for tests only.
package pagetest

import (
	"bytes"
	"html/template"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"stet/internal/page"
)

// rounds is how often a page is written, each time for other data; maxValues how large these may become.
const (
	rounds    = 40
	maxValues = 1500
	maxDepth  = 12
)

// Compiled fails where a page of set can't be compiled, or where what is compiled writes another page than html/template for the same data.
func Compiled(t *testing.T, set *page.Set) {
	t.Helper()
	page.Compare.Store(true)
	defer page.Compare.Store(false)
	pages := set.Pages()
	if len(pages) == 0 {
		t.Error("the set has no pages")
	}
	for _, p := range pages {
		if err := p.Compile(); err != nil {
			t.Errorf("%s isn't compiled: %v", p.Name, err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		whole := 0
		for i := range rounds {
			// Every other time all is there that can be; else a page may lack what html/template calls an error, and so must its program.
			f := &filler{rand: r, whole: i%2 == 0, left: maxValues}
			err := p.Render(&bytes.Buffer{}, f.value(reflect.TypeOf(p.Zero)))
			if err == nil {
				whole++
			} else if strings.Contains(err.Error(), "compiled") {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
		if whole < rounds/2 {
			t.Errorf("%s was written %d times of %d", p.Name, whole, rounds)
		}
	}
}

// filler makes data at random.
type filler struct {
	rand  *rand.Rand
	whole bool // no pointer is nil, as long as there are values left
	left  int
}

func (f *filler) value(t reflect.Type) any {
	v := reflect.New(t).Elem()
	f.fill(v, 0)
	return v.Interface()
}

func (f *filler) fill(v reflect.Value, depth int) {
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			f.fill(v.Field(i), depth+1)
		}
		return
	}
	if !v.CanSet() {
		return
	}
	f.left--
	end := f.left < 0 || depth > maxDepth
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text(v.Type()))
	case reflect.Bool:
		v.SetBool(f.rand.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt([]int64{0, 1, 2, 3, -4, 120}[f.rand.IntN(6)])
	case reflect.Pointer:
		if end || !f.whole && f.rand.IntN(3) == 0 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), depth+1)
	case reflect.Slice:
		n := 3 // the same everywhere, for lists that belong together
		if !f.whole {
			n = f.rand.IntN(4)
		}
		if end {
			n = 0
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			one := v.Index(i)
			if one.Kind() == reflect.Pointer { // no list has nil in it
				one.Set(reflect.New(one.Type().Elem()))
				one = one.Elem()
			}
			f.fill(one, depth+1)
		}
	case reflect.Interface:
		if v.NumMethod() == 0 {
			f.any(v)
		}
	}
}

// any fills what is written as JSON.
func (f *filler) any(v reflect.Value) {
	text := f.text(reflect.TypeFor[string]())
	for _, one := range []any{nil, text, 7, map[string]any{"@type": text, "n": []any{1, text, nil}}, []string{text}} {
		if f.rand.IntN(3) == 0 && one != nil {
			v.Set(reflect.ValueOf(one))
		}
	}
}

var (
	trusted = []string{"", "<p>A <b>b</b> &amp; c</p>", "<script>1+1</script>\x00\xff", `"><!--`}
	hostile = []string{"", "", "a", "plain words", "0", "/2026/06/lamp/?a=b&c=d#e", "https://news.example/ä ö/%41%zz'()", "JavaScript:alert(1)", "data:text/html,<b>", "mailto:a@b.example",
		`"><script>alert('x')</script>`, "a+b=c & d", "\x00\xff\xfe\u2028\u2029\ufffd", "</textarea></title><!-- ${x} `", "a.webp 480w, /b ä.webp 960w,javascript:x 2x", "{0} {1} {n}", "{{.}}", "\t\n\f\r x"}
)

func (f *filler) text(t reflect.Type) string {
	if t == reflect.TypeFor[template.HTML]() {
		return trusted[f.rand.IntN(len(trusted))]
	}
	text := hostile[f.rand.IntN(len(hostile))]
	if f.rand.IntN(4) == 0 {
		b := make([]byte, f.rand.IntN(12))
		for i := range b {
			b[i] = byte(f.rand.IntN(256))
		}
		text += string(b)
	}
	return text
}
