package markup

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// Footnotes are stored as they are written: the notes are an ol of class footnotes, and what refers to the third is a link to #fn3, or to the list
// itself with the number as its words. Ids and the ways back are made when it is shown, so that nothing stored can clash with the page around it.

var (
	noteHref   = regexp.MustCompile(`^#fn([1-9][0-9]{0,3})$`)
	noteNumber = regexp.MustCompile(`^\W*([1-9][0-9]{0,3})\W*$`)
)

// adoptNotes brings footnotes as other systems write them into the stored form: items of a list that links in superscript lead to. Their own ways
// back are left out.
func adoptNotes(nodes []*html.Node) {
	a := adopted{items: map[string]*html.Node{}, lists: map[*html.Node]bool{}, marks: map[string]bool{}}
	for _, n := range nodes {
		each(n, a.item)
	}
	if len(a.items) == 0 {
		return
	}
	for _, n := range nodes {
		each(n, a.refers)
	}
	a.rename(nodes)
}

// adopted is what is known of a source's notes: items of lists by their ids, the lists of those that are referred to, the links that refer, and
// the ids of these.
type adopted struct {
	items map[string]*html.Node
	lists map[*html.Node]bool
	refs  []*html.Node
	marks map[string]bool
}

func (a *adopted) item(n *html.Node) {
	id := attr(n, "id")
	if n.Data == "li" && id != "" && n.Parent != nil && n.Parent.Data == "ol" && a.items[id] == nil {
		a.items[id] = n
	}
}

func (a *adopted) refers(n *html.Node) {
	item := a.items[strings.TrimPrefix(attr(n, "href"), "#")]
	if n.Data != "a" || item == nil || !raised(n) || under(n, item.Parent) {
		return
	}
	a.lists[item.Parent] = true
	a.refs = append(a.refs, n)
	a.marks[attr(n, "id")] = true
	a.marks[attr(n.Parent, "id")] = true
}

// rename numbers the notes and points their references at the numbers.
func (a *adopted) rename(nodes []*html.Node) {
	number := map[*html.Node]int{}
	for _, n := range nodes {
		each(n, func(list *html.Node) {
			if !a.lists[list] {
				return
			}
			drop(list, "class")
			set(list, "class", "footnotes")
			for li := range list.ChildNodes() {
				if li.Data == "li" {
					number[li] = len(number) + 1
					a.forgetBack(li)
				}
			}
		})
	}
	for _, ref := range a.refs {
		to := a.items[strings.TrimPrefix(attr(ref, "href"), "#")]
		drop(ref, "href")
		set(ref, "href", "#fn"+strconv.Itoa(number[to]))
	}
}

// forgetBack takes the links out of a note that lead to where it is referred to.
func (a *adopted) forgetBack(li *html.Node) {
	var back []*html.Node
	for d := range li.Descendants() {
		href := attr(d, "href")
		if d.Data == "a" && len(href) > 1 && href[0] == '#' && a.marks[href[1:]] {
			back = append(back, d)
		}
	}
	for _, n := range back {
		n.Parent.RemoveChild(n)
	}
}

// raised tells a link that stands in superscript or holds nothing but one.
func raised(n *html.Node) bool {
	return n.Parent != nil && n.Parent.Data == "sup" || n.FirstChild != nil && n.FirstChild.Data == "sup" && n.FirstChild == n.LastChild
}

func under(n, above *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == above {
			return true
		}
	}
	return false
}

// each calls f for the elements of a tree, in order.
func each(n *html.Node, f func(*html.Node)) {
	if n.Type == html.ElementNode {
		f(n)
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode {
			f(d)
		}
	}
}

// notes gives the notes below n their ids and the ways there and back. A reference to a note that isn't there stays a plain link.
func (r Render) notes(n *html.Node) {
	var items []*html.Node
	lists := map[string]int{} // how many notes stand before those of a list
	each(n, func(d *html.Node) {
		if d.Data != "ol" || attr(d, "class") != "footnotes" {
			return
		}
		lists["#"+attr(d, "id")] = len(items)
		for li := range d.ChildNodes() {
			items = append(items, li)
		}
	})
	if len(items) == 0 || r.Back == "" {
		return
	}
	referred := map[int]bool{}
	each(n, func(d *html.Node) {
		number := noteOf(d, lists)
		if number == 0 || number > len(items) || under(d, items[number-1].Parent) {
			return
		}
		drop(d, "href")
		set(d, "href", "#"+r.noteID("fn", number))
		if !referred[number] {
			set(d, "id", r.noteID("ref", number))
			referred[number] = true
		}
	})
	for i, li := range items {
		if referred[i+1] {
			set(li, "id", r.noteID("fn", i+1))
			r.wayBack(li, i+1)
		}
	}
}

func (r Render) noteID(kind string, number int) string { return r.Notes + kind + strconv.Itoa(number) }

// noteOf is the number of the note that a link refers to, 0 for none.
func noteOf(d *html.Node, lists map[string]int) int {
	if d.Data != "a" {
		return 0
	}
	href := attr(d, "href")
	m, before := noteHref.FindStringSubmatch(href), 0
	if m == nil {
		var to bool
		if before, to = lists[href]; !to || href == "#" {
			return 0
		}
		m = noteNumber.FindStringSubmatch(textOf(d))
	}
	if m == nil {
		return 0
	}
	number, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return before + number
}

// wayBack ends a note with a link to where it is first referred to.
func (r Render) wayBack(li *html.Node, number int) {
	at := li
	if last := li.LastChild; last != nil && last.Data == "p" && last.Type == html.ElementNode {
		at = last
	}
	back := element("a")
	set(back, "href", "#"+r.noteID("ref", number))
	back.AppendChild(textNode(r.Back))
	at.AppendChild(textNode(" "))
	at.AppendChild(back)
}
