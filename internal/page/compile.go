package page

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"reflect"
	"strings"
	"text/template/parse"
)

// program is a page's template, compiled for the type of its data, as executing it by reflection costs ten times more. Which text is escaped how
// stays html/template's decision: it escapes the templates, and what is compiled are the trees that it made. A program writes what html/template
// would write, byte for byte, or nothing; a page in which there is anything that the compiler doesn't know is left to html/template as a whole.
type program struct{ main *body }

// body is one compiled template for one type of its dot.
type body struct {
	steps []step
	vars  int // how many variables it has, $ among them
}

// step writes a piece of a page.
type step func(r *run, dot reflect.Value)

// run is one execution of a program.
type run struct {
	out   []byte
	vars  []reflect.Value // of all templates under way; those of the innermost begin at base
	base  int
	depth int
}

// maxDepth is how deep templates may call one another; html/template allows more.
const maxDepth = 10000

// giveUp ends a run that meets what html/template has an error for, such as a nil pointer. It then executes the page and words the error.
func giveUp() { panic("page: given up") }

// write appends the page of data to out. It reports false, and has written nothing, where html/template must execute the page instead, since
// there is an error in it.
func (p *program) write(out *bytes.Buffer, data reflect.Value) (ok bool) {
	defer func() {
		// What panics in a method or a function too, html/template knows what to make of.
		if recover() != nil {
			ok = false
		}
	}()
	r := &run{out: out.AvailableBuffer(), vars: make([]reflect.Value, 0, 64)}
	p.main.write(r, data)
	out.Write(r.out)
	return true
}

func (b *body) write(r *run, dot reflect.Value) {
	if r.depth++; r.depth > maxDepth {
		giveUp()
	}
	outer := r.base
	r.base = len(r.vars)
	r.vars = append(r.vars, dot)
	for range b.vars - 1 {
		r.vars = append(r.vars, reflect.Value{})
	}
	writeAll(b.steps, r, dot)
	r.vars = r.vars[:r.base]
	r.base = outer
	r.depth--
}

func writeAll(steps []step, r *run, dot reflect.Value) {
	for _, s := range steps {
		s(r, dot)
	}
}

// compiler makes a program of one page.
type compiler struct {
	tmpl   *template.Template // escaped
	assets *Assets
	bodies map[use]*body
}

// use is a template with the type of what it is given.
type use struct {
	name string
	dot  reflect.Type
}

// refuse ends compiling.
func refuse(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// compile makes a program of t for data of type data. The error says what there is in the page that programs don't know; such a page is left to
// html/template as a whole. t itself stays as it is, and must not have been executed.
func compile(t *template.Template, data reflect.Type, assets *Assets) (p *program, err error) {
	defer func() {
		// Whatever ends compiling, the page can still be executed.
		if fault := recover(); fault != nil {
			p, err = nil, fmt.Errorf("compile: %v", fault)
		}
	}()
	t, err = escaped(t)
	if err != nil {
		return nil, err
	}
	c := &compiler{tmpl: t, assets: assets, bodies: map[use]*body{}}
	return &program{main: c.body(t.Name(), data)}, nil
}

// derivedMark stands in the names that html/template gives to templates which are called elsewhere than in text: in a tag, in a value.
const derivedMark = "$htmltemplate_"

// maxRounds is how deep such templates may call others.
const maxRounds = 10

// escaped is a copy of t and its associates that html/template has escaped. It keeps to itself the templates it derives for other places than
// text, but takes those it finds there already under the name it would give them. So the copy is made again with those that were missing.
func escaped(t *template.Template) (*template.Template, error) {
	derived := map[string]*parse.Tree{}
	for range maxRounds {
		c, err := copied(t, derived)
		if err != nil {
			return nil, err
		}
		// Nothing but executing it has a template escaped. It ends with the first text.
		var wrong *template.Error
		if err := c.Execute(shut{}, nil); errors.As(err, &wrong) {
			return nil, wrong
		}
		missing := false
		for _, name := range reached(c) {
			of, _, isDerived := strings.Cut(name, derivedMark)
			if c.Lookup(name) != nil {
				continue
			}
			if source := t.Lookup(of); isDerived && source != nil {
				derived[name], missing = source.Tree, true
				continue
			}
			return nil, fmt.Errorf("no template %q", name)
		}
		if !missing {
			return c, nil
		}
	}
	return nil, errors.New("templates are nested too deep")
}

// copied is a copy of t and its associates, with more trees by name.
func copied(t *template.Template, more map[string]*parse.Tree) (*template.Template, error) {
	c := template.New(t.Name()).Option("missingkey=error")
	for _, part := range t.Templates() {
		if part.Tree == nil {
			continue
		}
		if _, err := c.AddParseTree(part.Name(), part.Tree.Copy()); err != nil {
			return nil, err
		}
	}
	for name, tree := range more {
		if _, err := c.AddParseTree(name, tree.Copy()); err != nil {
			return nil, err
		}
	}
	return c.Lookup(t.Name()), nil
}

// reached lists the templates that t names, and those that these name.
func reached(t *template.Template) []string {
	names := []string{t.Name()}
	seen := map[string]bool{t.Name(): true}
	for i := 0; i < len(names); i++ {
		part := t.Lookup(names[i])
		if part == nil || part.Tree == nil {
			continue
		}
		for _, name := range named(part.Tree.Root) {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// shut is where nothing can be written.
type shut struct{}

func (shut) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
