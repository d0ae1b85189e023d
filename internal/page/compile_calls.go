package page

import (
	"reflect"
	"text/template/parse"
)

// call is what a function of templates returns. What depends on nothing but texts of the template and words of the catalogue is fixed: both
// were read before the page.
func (c *compiler) call(s *scope, name string, args []parse.Node) expr {
	switch name {
	case "asset", "say", "around", "T":
		if len(args) == 0 || (name != "T" && len(args) > 1) {
			refuse("arguments of %s", name)
		}
		return c.words(name, c.text(s, args[0]), c.boxed(s, args[1:]))
	case "N":
		if len(args) < 2 {
			refuse("arguments of N")
		}
		key, n, rest := c.text(s, args[0]).asText(), c.number(s, args[1]).get, c.boxed(s, args[2:])
		return texts(func(r *run, dot reflect.Value) string {
			return N(key(r, dot), int(n(r, dot).Int()), rest.all(r, dot)...)
		})
	case "len":
		return c.length(s, args)
	case "index":
		return c.index(s, args)
	case "eq", "lt":
		return c.compared(s, name, args)
	}
	refuse("function %s", name)
	return expr{}
}

// words is the value of asset, say, around and T.
func (c *compiler) words(name string, first expr, rest boxes) expr {
	if name == "around" {
		if !first.fixed.IsValid() {
			refuse("around without a fixed word")
		}
		return fixed(Around(first.fixed.String()))
	}
	assets := c.assets
	what := map[string]func(string, ...any) string{
		"asset": func(name string, _ ...any) string { return assets.Path(name) },
		"say":   func(text string, _ ...any) string { return Say(text) },
		"T":     T,
	}[name]
	if first.fixed.IsValid() && len(rest) == 0 {
		return fixed(what(first.fixed.String()))
	}
	text := first.asText()
	if len(rest) == 0 {
		return texts(func(r *run, dot reflect.Value) string { return what(text(r, dot)) })
	}
	return texts(func(r *run, dot reflect.Value) string { return what(text(r, dot), rest.all(r, dot)...) })
}

// text is an argument that must be a string; a type of string that has a name is none.
func (c *compiler) text(s *scope, n parse.Node) expr {
	e := c.operand(s, n)
	if e.typ != stringType {
		refuse("%s where a string must be", n)
	}
	return e
}

// number is an argument that must be an int.
func (c *compiler) number(s *scope, n parse.Node) expr {
	e := c.operand(s, n)
	if e.typ != intType {
		refuse("%s where an int must be", n)
	}
	return e
}

// boxes are arguments for a function that takes any.
type boxes []func(r *run, dot reflect.Value) any

func (c *compiler) boxed(s *scope, args []parse.Node) boxes {
	var out boxes
	for _, n := range args {
		e := c.operand(s, n)
		switch {
		case e.typ == stringType:
			text := e.asText()
			out = append(out, func(r *run, dot reflect.Value) any { return text(r, dot) })
		case e.typ != nil && e.typ.Kind() != reflect.Interface:
			get := e.get
			out = append(out, func(r *run, dot reflect.Value) any { return get(r, dot).Interface() })
		default:
			refuse("argument %s", n)
		}
	}
	return out
}

func (b boxes) all(r *run, dot reflect.Value) []any {
	out := make([]any, len(b))
	for i, get := range b {
		out[i] = get(r, dot)
	}
	return out
}

// length is len of a slice, an array or a text.
func (c *compiler) length(s *scope, args []parse.Node) expr {
	if len(args) != 1 {
		refuse("arguments of len")
	}
	e := c.operand(s, args[0])
	if e.typ == nil || e.typ.Kind() != reflect.Slice && e.typ.Kind() != reflect.Array && e.typ.Kind() != reflect.String {
		refuse("len of %v", e.typ)
	}
	get := e.get
	return expr{typ: intType, get: func(r *run, dot reflect.Value) reflect.Value { return reflect.ValueOf(get(r, dot).Len()) }}
}

// index is index of a slice or an array by one number.
func (c *compiler) index(s *scope, args []parse.Node) expr {
	if len(args) != 2 {
		refuse("arguments of index")
	}
	list, at := c.operand(s, args[0]), c.number(s, args[1]).get
	if list.typ == nil || list.typ.Kind() != reflect.Slice && list.typ.Kind() != reflect.Array {
		refuse("index of %v", list.typ)
	}
	get := list.get
	return expr{typ: list.typ.Elem(), get: func(r *run, dot reflect.Value) reflect.Value {
		// Out of range it panics, which has html/template say so.
		return get(r, dot).Index(int(at(r, dot).Int()))
	}}
}

// compared is eq and lt of two texts or two numbers.
func (c *compiler) compared(s *scope, name string, args []parse.Node) expr {
	if len(args) != 2 {
		refuse("arguments of %s", name)
	}
	a, b := c.operand(s, args[0]), c.operand(s, args[1])
	var holds func(r *run, dot reflect.Value) bool
	switch {
	case a.typ == nil || b.typ == nil:
		refuse("%s of nothing", name)
	case a.typ.Kind() == reflect.String && b.typ.Kind() == reflect.String && name == "eq":
		x, y := a.asText(), b.asText()
		holds = func(r *run, dot reflect.Value) bool { return x(r, dot) == y(r, dot) }
	case a.typ.Kind() == reflect.Int && b.typ.Kind() == reflect.Int && name == "eq":
		holds = func(r *run, dot reflect.Value) bool { return a.get(r, dot).Int() == b.get(r, dot).Int() }
	case a.typ.Kind() == reflect.Int && b.typ.Kind() == reflect.Int && name == "lt":
		holds = func(r *run, dot reflect.Value) bool { return a.get(r, dot).Int() < b.get(r, dot).Int() }
	default:
		refuse("%s of %s and %s", name, a.typ, b.typ)
	}
	return expr{typ: boolType, get: func(r *run, dot reflect.Value) reflect.Value { return reflect.ValueOf(holds(r, dot)) }}
}
