package page

import (
	"fmt"
	"html/template"
	"text/template/parse"
)

// checkTemplates walks all templates of t.
func checkTemplates(t *template.Template, assets *Assets) error {
	for _, part := range t.Templates() {
		if part.Tree == nil {
			continue
		}
		if err := checkNames(part.Tree.Root, assets); err != nil {
			return fmt.Errorf("%s: %w", part.Name(), err)
		}
	}
	return nil
}

// named are the templates that one names.
func named(n parse.Node) []string {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		var out []string
		for _, c := range n.Nodes {
			out = append(out, named(c)...)
		}
		return out
	case *parse.TemplateNode:
		return []string{n.Name}
	case *parse.IfNode:
		return append(named(n.List), named(n.ElseList)...)
	case *parse.RangeNode:
		return append(named(n.List), named(n.ElseList)...)
	case *parse.WithNode:
		return append(named(n.List), named(n.ElseList)...)
	}
	return nil
}

// checkNames walks a template for the names it gives to asset, T, N and around, so that an unknown one is found at boot.
func checkNames(n parse.Node, assets *Assets) error {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, c := range n.Nodes {
			if err := checkNames(c, assets); err != nil {
				return err
			}
		}
	case *parse.ActionNode:
		return checkNames(n.Pipe, assets)
	case *parse.TemplateNode:
		return checkNames(n.Pipe, assets)
	case *parse.IfNode:
		return checkBranch(&n.BranchNode, assets)
	case *parse.RangeNode:
		return checkBranch(&n.BranchNode, assets)
	case *parse.WithNode:
		return checkBranch(&n.BranchNode, assets)
	case *parse.PipeNode:
		if n == nil {
			return nil
		}
		for _, c := range n.Cmds {
			if err := checkCommand(c, assets); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkBranch(b *parse.BranchNode, assets *Assets) error {
	if err := checkNames(b.Pipe, assets); err != nil {
		return err
	}
	if err := checkNames(b.List, assets); err != nil {
		return err
	}
	return checkNames(b.ElseList, assets)
}

func checkCommand(c *parse.CommandNode, assets *Assets) error {
	for _, arg := range c.Args {
		if p, ok := arg.(*parse.PipeNode); ok {
			if err := checkNames(p, assets); err != nil {
				return err
			}
		}
	}
	if len(c.Args) < 2 {
		return nil
	}
	f, isCall := c.Args[0].(*parse.IdentifierNode)
	s, isString := c.Args[1].(*parse.StringNode)
	if !isCall || !isString {
		return nil
	}
	switch f.Ident {
	case "asset":
		if !assets.Has(s.Text) {
			return fmt.Errorf("unknown asset %q", s.Text)
		}
	case "T", "N", "around":
		if !Known(s.Text) {
			return fmt.Errorf("unknown word %q", s.Text)
		}
	}
	return nil
}
