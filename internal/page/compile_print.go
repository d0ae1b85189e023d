package page

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
)

// The names that html/template gives its escapers in the trees it has escaped.
const (
	escapesHTML   = "_html_template_htmlescaper"
	escapesAttr   = "_html_template_attrescaper"
	escapesRCDATA = "_html_template_rcdataescaper"
	escapesJS     = "_html_template_jsvalescaper"
	filtersURL    = "_html_template_urlfilter"
	normalizesURL = "_html_template_urlnormalizer"
	escapesURL    = "_html_template_urlescaper"
	filtersSrcset = "_html_template_srcsetescaper"
)

// printer writes a value through escapers. It refuses those it doesn't know, and an action without one.
func printer(e expr, escapers []string) step {
	if len(escapers) == 0 {
		refuse("an action that nothing escapes")
	}
	if e.typ == nil {
		refuse("printing nothing")
	}
	get := e.get
	if len(escapers) == 1 && escapers[0] == escapesJS {
		return func(r *run, dot reflect.Value) { r.out = appendJS(r.out, get(r, dot)) }
	}
	if e.typ == trustedType && len(escapers) == 1 && escapers[0] == escapesHTML {
		return func(r *run, dot reflect.Value) { r.out = append(r.out, get(r, dot).String()...) }
	}
	write := chain(escapers)
	switch {
	case e.typ == stringType:
		if text := e.text; text != nil {
			return func(r *run, dot reflect.Value) { r.out = write(r.out, text(r, dot)) }
		}
		return func(r *run, dot reflect.Value) { r.out = write(r.out, get(r, dot).String()) }
	case e.typ.PkgPath() == trustedType.PkgPath() || e.typ.Implements(formatterType) || e.typ.Implements(errorType):
		refuse("%s in %s", e.typ, escapers)
	case e.typ.Kind() == reflect.Pointer || e.typ.Kind() == reflect.Interface:
		refuse("%s in %s", e.typ, escapers)
	case e.typ.Implements(stringerType):
		return func(r *run, dot reflect.Value) { r.out = write(r.out, get(r, dot).Interface().(fmt.Stringer).String()) }
	}
	switch e.typ.Kind() {
	case reflect.String:
		return func(r *run, dot reflect.Value) { r.out = write(r.out, get(r, dot).String()) }
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		// No escaper changes a sign or a digit.
		return func(r *run, dot reflect.Value) { r.out = strconv.AppendInt(r.out, get(r, dot).Int(), 10) }
	case reflect.Bool:
		return func(r *run, dot reflect.Value) { r.out = strconv.AppendBool(r.out, get(r, dot).Bool()) }
	}
	refuse("%s in %s", e.typ, escapers)
	return nil
}

var (
	trustedType   = reflect.TypeFor[template.HTML]()
	errorType     = reflect.TypeFor[error]()
	stringerType  = reflect.TypeFor[fmt.Stringer]()
	formatterType = reflect.TypeFor[fmt.Formatter]()
)

// chain appends a text that has gone through escapers, the last of which makes it fit for HTML.
func chain(escapers []string) func(out []byte, text string) []byte {
	var before []func(string) string
	for _, name := range escapers[:len(escapers)-1] {
		f := map[string]func(string) string{filtersURL: filterURL, normalizesURL: normalizeURL, escapesURL: escapeURL, filtersSrcset: filterSrcset}[name]
		if f == nil {
			refuse("escapers %s", escapers)
		}
		before = append(before, f)
	}
	switch last := escapers[len(escapers)-1]; last {
	case escapesHTML, escapesAttr, escapesRCDATA: // do the same with a text that isn't trusted HTML
	default:
		refuse("escapers %s", escapers)
	}
	if len(before) == 0 {
		return appendHTML
	}
	return func(out []byte, text string) []byte {
		for _, f := range before {
			text = f(text)
		}
		return appendHTML(out, text)
	}
}

// inScript has html/template itself write a value into a script: there are few, and writing JSON costs more than executing a template.
var inScript = template.Must(template.New("").Parse(scriptBegins + "{{.}}" + scriptEnds))

const (
	scriptBegins = `<script type="application/json">`
	scriptEnds   = `</script>`
)

func appendJS(out []byte, v reflect.Value) []byte {
	var data any
	if v.IsValid() {
		data = v.Interface()
	}
	var b bytes.Buffer
	if err := inScript.Execute(&b, data); err != nil {
		giveUp()
	}
	return append(out, b.Bytes()[len(scriptBegins):b.Len()-len(scriptEnds)]...)
}
