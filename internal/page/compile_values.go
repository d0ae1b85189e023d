package page

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// expr is a value of a template, whose type is known before there is one.
type expr struct {
	typ reflect.Type // nil: of nothing
	get func(r *run, dot reflect.Value) reflect.Value
	// text is get for what has the type string, without a detour.
	text func(r *run, dot reflect.Value) string
	// fixed is the value where it is the same at every execution.
	fixed reflect.Value
}

// nothing is what a template is given that is called without anything.
var nothing = expr{get: func(*run, reflect.Value) reflect.Value { return reflect.Value{} }}

var (
	stringType = reflect.TypeFor[string]()
	intType    = reflect.TypeFor[int]()
	boolType   = reflect.TypeFor[bool]()
)

func fixed(v any) expr {
	value := reflect.ValueOf(v)
	return fixedValue(value)
}

func fixedValue(v reflect.Value) expr {
	return expr{typ: v.Type(), fixed: v, get: func(*run, reflect.Value) reflect.Value { return v }}
}

// texts is a value of type string.
func texts(text func(r *run, dot reflect.Value) string) expr {
	return expr{typ: stringType, text: text, get: func(r *run, dot reflect.Value) reflect.Value { return reflect.ValueOf(text(r, dot)) }}
}

// asText is e as a string; e is of a kind of string.
func (e expr) asText() func(r *run, dot reflect.Value) string {
	if e.text != nil {
		return e.text
	}
	get := e.get
	return func(r *run, dot reflect.Value) string { return get(r, dot).String() }
}

// pipe is the value of a pipeline that declares nothing.
func (c *compiler) pipe(s *scope, p *parse.PipeNode) expr {
	if p != nil && len(p.Decl) > 0 {
		refuse("declaration %s", p)
	}
	return c.command(s, p)
}

// command is the value of a pipeline of one command. What is in an any is taken out of it.
func (c *compiler) command(s *scope, p *parse.PipeNode) expr {
	if p == nil {
		return nothing
	}
	if len(p.Cmds) != 1 {
		refuse("pipeline %s", p)
	}
	args := p.Cmds[0].Args
	var e expr
	if f, ok := args[0].(*parse.IdentifierNode); ok {
		e = c.call(s, f.Ident, args[1:])
	} else if len(args) > 1 {
		refuse("arguments in %s", p)
	} else {
		e = c.operand(s, args[0])
	}
	if e.typ == nil {
		refuse("nothing in %s", p)
	}
	if e.typ.Kind() == reflect.Interface {
		if e.typ.NumMethod() > 0 {
			refuse("%s in %s", e.typ, p)
		}
		get := e.get
		e.get = func(r *run, dot reflect.Value) reflect.Value {
			v := get(r, dot)
			if v.Kind() == reflect.Interface {
				v = v.Elem()
			}
			return v
		}
	}
	return e
}

// operand is the value of an argument.
func (c *compiler) operand(s *scope, n parse.Node) expr {
	switch n := n.(type) {
	case *parse.DotNode:
		return s.dot
	case *parse.FieldNode:
		return fields(s.dot, n.Ident)
	case *parse.VariableNode:
		return fields(s.lookup(n.Ident[0]), n.Ident[1:])
	case *parse.ChainNode:
		return fields(c.operand(s, n.Node), n.Field)
	case *parse.PipeNode:
		return c.pipe(s, n)
	case *parse.IdentifierNode:
		return c.call(s, n.Ident, nil)
	case *parse.StringNode:
		return fixed(n.Text)
	case *parse.BoolNode:
		return fixed(n.True)
	case *parse.NumberNode:
		if !n.IsInt || strings.Trim(n.Text, "0123456789") != "" {
			refuse("number %s", n)
		}
		return fixed(int(n.Int64))
	}
	refuse("operand %s", n)
	return expr{}
}

// fields follows names from a value: fields of structs, and methods without arguments.
func fields(e expr, names []string) expr {
	for len(names) > 0 {
		var path []int
		t := e.typ
		for ; len(names) > 0; names = names[1:] {
			next, more, ok := field(t, names[0])
			if !ok {
				break
			}
			t, path = next, append(path, more...)
		}
		if len(path) > 0 {
			e = follow(e, path, t)
		}
		if len(names) > 0 {
			e, names = method(e, names[0]), names[1:]
		}
	}
	return e
}

// through is the step from a pointer to what it points to; the others are indexes of fields.
const through = -1

// field is the way from a value of type t, or a pointer to one, to its field. It reports false where the name is a method's, or unknown.
func field(t reflect.Type, name string) (of reflect.Type, path []int, ok bool) {
	for t != nil && t.Kind() == reflect.Pointer {
		t, path = t.Elem(), append(path, through)
	}
	if t == nil || t.Kind() != reflect.Struct {
		return nil, nil, false
	}
	if _, is := reflect.PointerTo(t).MethodByName(name); is {
		return nil, nil, false
	}
	f, ok := t.FieldByName(name)
	if !ok || !f.IsExported() {
		return nil, nil, false
	}
	for i, index := range f.Index {
		if i > 0 && t.Kind() == reflect.Pointer {
			t, path = t.Elem(), append(path, through)
		}
		t, path = t.Field(index).Type, append(path, index)
	}
	return t, path, true
}

// follow is the field of type t at the end of path.
func follow(e expr, path []int, t reflect.Type) expr {
	from := e.get
	get := func(r *run, dot reflect.Value) reflect.Value {
		v := from(r, dot)
		for _, step := range path {
			if step != through {
				v = v.Field(step)
				continue
			}
			if v.IsNil() {
				giveUp()
			}
			v = v.Elem()
		}
		return v
	}
	if e.fixed.IsValid() {
		return fixedValue(get(nil, reflect.Value{}))
	}
	return expr{typ: t, get: get}
}

// method is what a method of a value without arguments returns.
func method(e expr, name string) expr {
	t, pointers := e.typ, 0
	for t != nil && t.Kind() == reflect.Pointer {
		t, pointers = t.Elem(), pointers+1
	}
	if t == nil || t.Kind() == reflect.Interface {
		refuse("%s of %v", name, e.typ)
	}
	m, ok := t.MethodByName(name)
	if !ok || m.Type.NumIn() != 1 || m.Type.NumOut() != 1 {
		refuse("%s of %v", name, e.typ)
	}
	get := follow(expr{get: e.get}, slices.Repeat([]int{through}, pointers), t).get
	return expr{typ: m.Type.Out(0), get: func(r *run, dot reflect.Value) reflect.Value {
		return get(r, dot).Method(m.Index).Call(nil)[0]
	}}
}

// condition is the truth of a pipeline. and, or and not are known here alone, where it doesn't matter which of their arguments they return.
func (c *compiler) condition(s *scope, n parse.Node) func(r *run, dot reflect.Value) bool {
	if p, ok := n.(*parse.PipeNode); ok && len(p.Decl) == 0 && len(p.Cmds) == 1 {
		args := p.Cmds[0].Args
		if f, ok := args[0].(*parse.IdentifierNode); ok {
			if holds := c.logic(s, f.Ident, args[1:]); holds != nil {
				return holds
			}
		}
	}
	var e expr
	if p, ok := n.(*parse.PipeNode); ok {
		e = c.pipe(s, p)
	} else {
		e = c.operand(s, n)
	}
	get, holds := e.get, truth(e.typ)
	return func(r *run, dot reflect.Value) bool { return holds(get(r, dot)) }
}

// logic is and, or and not; nil for other functions.
func (c *compiler) logic(s *scope, name string, args []parse.Node) func(r *run, dot reflect.Value) bool {
	if (name != "and" && name != "or" && name != "not") || len(args) == 0 {
		return nil
	}
	var all []func(r *run, dot reflect.Value) bool
	for _, a := range args {
		all = append(all, c.condition(s, a))
	}
	if name == "not" {
		if len(all) > 1 {
			refuse("not of several")
		}
		first := all[0]
		return func(r *run, dot reflect.Value) bool { return !first(r, dot) }
	}
	decides := name == "or"
	return func(r *run, dot reflect.Value) bool {
		for _, holds := range all {
			if holds(r, dot) == decides {
				return decides
			}
		}
		return !decides
	}
}

// truth is whether values of type t are true for a template: not the zero of their type. Structs always are.
func truth(t reflect.Type) func(v reflect.Value) bool {
	if t == nil {
		refuse("truth of nothing")
	}
	switch t.Kind() {
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
		return func(v reflect.Value) bool { return v.Len() > 0 }
	case reflect.Bool:
		return reflect.Value.Bool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(v reflect.Value) bool { return v.Int() != 0 }
	case reflect.Pointer:
		return func(v reflect.Value) bool { return !v.IsNil() }
	case reflect.Struct:
		return func(reflect.Value) bool { return true }
	}
	refuse("truth of %s", t)
	return nil
}
