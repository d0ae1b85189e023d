package page

import (
	"fmt"
	"io"
	"text/template"
)

// Plain is a template of plain text that is given a T, and nothing else: the part of a mail for those who read no HTML. Nothing is escaped
// in it.
type Plain[T any] struct {
	set  *Set
	name string
	tmpl *template.Template
}

// MustPlain parses a template of plain text, such as "mail/letter.txt". It panics where it can't be parsed or names an unknown word.
func MustPlain[T any](s *Set, name string) *Plain[T] {
	t, err := s.plain(name)
	if err != nil {
		panic(err)
	}
	return &Plain[T]{set: s, name: name, tmpl: t}
}

// Template is what was parsed, for tests that check it against its type.
func (p *Plain[T]) Template() *template.Template { return p.tmpl }

// Render writes the text.
func (p *Plain[T]) Render(w io.Writer, data T) error {
	t := p.tmpl
	if p.set.reload {
		var err error
		if t, err = p.set.plain(p.name); err != nil {
			return err
		}
	}
	if err := t.Execute(w, data); err != nil {
		return fmt.Errorf("render %s: %w", p.name, err)
	}
	return nil
}

func (s *Set) plain(name string) (*template.Template, error) {
	t, err := template.New("").Option("missingkey=error").Funcs(s.funcs()).ParseFS(s.fsys, name)
	if err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	main := t.Lookup("main")
	if main == nil {
		return nil, fmt.Errorf("page %s: defines no \"main\"", name)
	}
	if err := checkNames(main.Root, s.assets); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return main, nil
}
