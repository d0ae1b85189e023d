package markup

import (
	"slices"

	"golang.org/x/net/html"
)

// Detail is a difference that the words don't show.
type Detail struct {
	What     string // "link", "picture" or "alt"
	Old, New string // addresses, media ids or descriptions; one may be ""
}

// details lists the links and pictures that only one of two blocks has, paired in their order.
func details(before, after string) []Detail {
	var out []Detail
	a, b := references(before), references(after)
	for _, what := range []string{"link", "picture", "alt"} {
		gone, come := without(a[what], b[what]), without(b[what], a[what])
		for k := range max(len(gone), len(come)) {
			d := Detail{What: what}
			if k < len(gone) {
				d.Old = gone[k]
			}
			if k < len(come) {
				d.New = come[k]
			}
			out = append(out, d)
		}
	}
	return out
}

func references(src string) map[string][]string {
	out := map[string][]string{}
	for _, top := range parse(src) {
		wrap := element("body")
		wrap.AppendChild(top)
		for d := range wrap.Descendants() {
			switch {
			case d.Type != html.ElementNode:
			case d.Data == "a":
				out["link"] = append(out["link"], attr(d, "href"))
			case d.Data == "img":
				out["picture"] = append(out["picture"], attr(d, "data-media"))
				out["alt"] = append(out["alt"], attr(d, "alt"))
			}
		}
	}
	return out
}

func without(list, taken []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(taken, s) })
}
