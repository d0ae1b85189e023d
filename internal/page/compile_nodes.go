package page

import (
	"reflect"
	"text/template/parse"
)

// scope is what a node of a template can name.
type scope struct {
	dot  expr
	vars []variable // those declared last are found first; the first is $
	body *body
}

// variable is kept in the place that its index in the scope gives it.
type variable struct {
	name  string
	value expr
}

// declare adds a variable whose value is stored before it is used.
func (s *scope) declare(name string, t reflect.Type) (place int) {
	place = len(s.vars)
	s.vars = append(s.vars, variable{name, expr{typ: t, get: func(r *run, _ reflect.Value) reflect.Value { return r.vars[r.base+place] }}})
	s.body.vars = max(s.body.vars, place+1)
	return place
}

func (s *scope) lookup(name string) expr {
	for i := len(s.vars) - 1; i >= 0; i-- {
		if s.vars[i].name == name {
			return s.vars[i].value
		}
	}
	refuse("undefined variable %s", name)
	return expr{}
}

// with is s with another dot.
func (s *scope) with(dot reflect.Type) *scope {
	inner := *s
	inner.dot = expr{typ: dot, get: func(_ *run, dot reflect.Value) reflect.Value { return dot }}
	return &inner
}

// steps collects what a list of nodes does; texts that follow one another become one.
type steps struct {
	list []step
	text []byte
}

func (s *steps) write(text []byte) { s.text = append(s.text, text...) }

func (s *steps) add(do step) {
	s.flush()
	s.list = append(s.list, do)
}

func (s *steps) flush() {
	if len(s.text) == 0 {
		return
	}
	text := s.text
	s.text = nil
	s.list = append(s.list, func(r *run, _ reflect.Value) { r.out = append(r.out, text...) })
}

// body compiles the template called name for a dot of type dot, once.
func (c *compiler) body(name string, dot reflect.Type) *body {
	key := use{name, dot}
	if b := c.bodies[key]; b != nil {
		return b
	}
	t := c.tmpl.Lookup(name)
	if t == nil || t.Tree == nil {
		refuse("no template %q", name)
	}
	b := &body{}
	c.bodies[key] = b // before its nodes, which may call it
	s := (&scope{body: b}).with(dot)
	s.declare("$", dot)
	b.steps = c.block(s, t.Tree.Root)
	return b
}

// block compiles a list with a scope of its own.
func (c *compiler) block(s *scope, list *parse.ListNode) []step {
	out := &steps{}
	c.list(out, s, list)
	out.flush()
	return out.list
}

// list compiles a list into out. What it declares ends with it.
func (c *compiler) list(out *steps, s *scope, list *parse.ListNode) {
	if list == nil {
		return
	}
	inner := *s
	for _, n := range list.Nodes {
		c.node(out, &inner, n)
	}
}

func (c *compiler) node(out *steps, s *scope, n parse.Node) {
	switch n := n.(type) {
	case *parse.TextNode:
		out.write(n.Text)
	case *parse.ActionNode:
		if len(n.Pipe.Decl) > 0 {
			c.declaration(out, s, n.Pipe)
			return
		}
		c.action(out, s, n.Pipe)
	case *parse.IfNode:
		c.ifNode(out, s, n)
	case *parse.WithNode:
		c.withNode(out, s, n)
	case *parse.RangeNode:
		c.rangeNode(out, s, n)
	case *parse.TemplateNode:
		arg := c.pipe(s, n.Pipe)
		b, get := c.body(n.Name, arg.typ), arg.get
		out.add(func(r *run, dot reflect.Value) { b.write(r, get(r, dot)) })
	default:
		refuse("node %s", n)
	}
}

// declaration compiles {{$name := …}}.
func (c *compiler) declaration(out *steps, s *scope, p *parse.PipeNode) {
	if p.IsAssign || len(p.Decl) != 1 {
		refuse("assignment %s", p)
	}
	value := c.command(s, p)
	get, place := value.get, s.declare(p.Decl[0].Ident[0], value.typ)
	out.add(func(r *run, dot reflect.Value) { r.vars[r.base+place] = get(r, dot) })
}

func (c *compiler) ifNode(out *steps, s *scope, n *parse.IfNode) {
	holds := c.condition(s, n.Pipe)
	then, otherwise := c.block(s, n.List), c.block(s, n.ElseList)
	out.add(func(r *run, dot reflect.Value) {
		if holds(r, dot) {
			writeAll(then, r, dot)
		} else {
			writeAll(otherwise, r, dot)
		}
	})
}

func (c *compiler) withNode(out *steps, s *scope, n *parse.WithNode) {
	value := c.pipe(s, n.Pipe)
	inner := s.with(value.typ)
	if value.fixed.IsValid() && value.typ.Kind() == reflect.Struct {
		inner.dot = value
		c.list(out, inner, n.List)
		return
	}
	get, holds := value.get, truth(value.typ)
	then, otherwise := c.block(inner, n.List), c.block(s, n.ElseList)
	out.add(func(r *run, dot reflect.Value) {
		if v := get(r, dot); holds(v) {
			writeAll(then, r, v)
		} else {
			writeAll(otherwise, r, dot)
		}
	})
}

// rangeNode compiles loops over slices and arrays.
func (c *compiler) rangeNode(out *steps, s *scope, n *parse.RangeNode) {
	if n.Pipe.IsAssign {
		refuse("assignment %s", n.Pipe)
	}
	value := c.command(s, n.Pipe)
	if k := value.typ.Kind(); k != reflect.Slice && k != reflect.Array {
		refuse("range over %s", value.typ)
	}
	inner := s.with(value.typ.Elem())
	index, element := -1, -1
	switch d := n.Pipe.Decl; len(d) {
	case 1:
		element = inner.declare(d[0].Ident[0], value.typ.Elem())
	case 2:
		index = inner.declare(d[0].Ident[0], reflect.TypeFor[int]())
		element = inner.declare(d[1].Ident[0], value.typ.Elem())
	}
	get := value.get
	each, none := c.block(inner, n.List), c.block(s, n.ElseList)
	out.add(func(r *run, dot reflect.Value) {
		all := get(r, dot)
		for i := range all.Len() {
			v := all.Index(i)
			if element >= 0 {
				r.vars[r.base+element] = v
			}
			if index >= 0 {
				r.vars[r.base+index] = reflect.ValueOf(i)
			}
			writeAll(each, r, v)
		}
		if all.Len() == 0 {
			writeAll(none, r, dot)
		}
	})
}

// action compiles {{…}} with the escapers that html/template has put behind it.
func (c *compiler) action(out *steps, s *scope, p *parse.PipeNode) {
	var names []string
	for _, cmd := range p.Cmds[1:] {
		name, ok := cmd.Args[0].(*parse.IdentifierNode)
		if !ok || len(cmd.Args) != 1 {
			refuse("pipeline %s", p)
		}
		names = append(names, name.Ident)
	}
	value := c.operand(s, &parse.PipeNode{Cmds: p.Cmds[:1]})
	write := printer(value, names)
	if value.fixed.IsValid() {
		r := &run{}
		write(r, reflect.Value{})
		out.write(r.out)
		return
	}
	out.add(write)
}
