package importer

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// maxLines bounds how many lines of one kind a report lists; it counts the others.
const maxLines = 2000

// Report says what an import did: how many of each kind became what, and for every item that didn't become what it was, why.
type Report struct {
	Site    Site
	Repairs Repairs
	DryRun  bool

	counts map[string]map[string]int // by kind and fate
	lines  map[string][]string       // by heading
	more   map[string]int
}

// Headings under which items are listed, in this order.
const (
	leftOut = "left out"
	differs = "differs from what was imported before; nothing was changed"
	notNow  = "not public"
	moved   = "at another address, as its own was taken or is reserved"
	aliases = "addresses that belong to something else already"
	missing = "pictures and files whose bytes are missing (give their folder with --media)"
	lookAt  = "worth a look"
)

var headings = []string{leftOut, differs, notNow, moved, aliases, missing, lookAt}

// kinds in the order in which they are counted.
var kinds = []string{"articles", "pages", "comments", "categories", "tags", "authors", "media", "other items"}

func newReport(site Site, repairs Repairs, dry bool) *Report {
	return &Report{Site: site, Repairs: repairs, DryRun: dry, counts: map[string]map[string]int{}, lines: map[string][]string{}, more: map[string]int{}}
}

func (r *Report) count(kind, fate string) {
	if r.counts[kind] == nil {
		r.counts[kind] = map[string]int{}
	}
	r.counts[kind][fate]++
}

func (r *Report) list(heading, line string) {
	if len(r.lines[heading]) >= maxLines {
		r.more[heading]++
		return
	}
	r.lines[heading] = append(r.lines[heading], line)
}

// Count is how many of a kind (articles, pages, comments, categories, tags, authors, media, other items) met a fate.
func (r *Report) Count(kind, fate string) int { return r.counts[kind][fate] }

// Lines are the items listed under a heading.
func (r *Report) Lines(heading string) []string { return r.lines[heading] }

// WriteTo writes the report for a person: one line a kind, then the lists.
func (r *Report) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s), WordPress export %s\n", orUnnamed(r.Site.Title), orUnnamed(r.Site.URL), r.Site.Version)
	if r.DryRun {
		b.WriteString("A dry run: nothing was written. An import would do this:\n")
	}
	for _, kind := range kinds {
		if len(r.counts[kind]) > 0 {
			fmt.Fprintf(&b, "%-12s %s\n", kind, fates(r.counts[kind]))
		}
	}
	for _, m := range r.mended() {
		fmt.Fprintf(&b, "mended: %s\n", m)
	}
	for _, h := range headings {
		if len(r.lines[h]) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s:\n", strings.ToUpper(h[:1])+h[1:])
		for _, l := range r.lines[h] {
			fmt.Fprintf(&b, "  %s\n", l)
		}
		if r.more[h] > 0 {
			fmt.Fprintf(&b, "  … and %d more\n", r.more[h])
		}
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func (r *Report) mended() []string {
	var out []string
	for _, m := range []struct {
		n, line int
		what    string
	}{
		{r.Repairs.Controls, r.Repairs.ControlLine, "characters that XML forbids, left out"},
		{r.Repairs.Encoding, r.Repairs.EncodingLine, "bytes that are no UTF-8, shown as \uFFFD"},
		{r.Repairs.Ampersands, r.Repairs.AmpersandLine, "bare ampersands, read as such"},
	} {
		if m.n > 0 {
			out = append(out, fmt.Sprintf("%d %s, the first in line %d", m.n, m.what, m.line))
		}
	}
	return out
}

// fates lists counts, most first, after their sum.
func fates(m map[string]int) string {
	sum := 0
	keys := slices.Sorted(maps.Keys(m))
	for _, k := range keys {
		sum += m[k]
	}
	slices.SortStableFunc(keys, func(a, b string) int { return m[b] - m[a] })
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = fmt.Sprintf("%d %s", m[k], k)
	}
	return fmt.Sprintf("%d: %s", sum, strings.Join(parts, ", "))
}

func orUnnamed(s string) string {
	if s == "" {
		return "unnamed"
	}
	return s
}

// name is how a report speaks of an item.
func (it *Item) name() string {
	title := it.Headline()
	if title == "" {
		title = it.Slug
	}
	s := fmt.Sprintf("line %d: %s", it.Line, orPost(it.Type))
	if it.ID != 0 {
		s += " " + decimal(it.ID)
	}
	return s + fmt.Sprintf(" %q", clip(title, 80))
}

func orPost(typ string) string {
	if typ == "" {
		return "post"
	}
	return typ
}

// clip cuts s to n characters, between words where there are any near.
func clip(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	cut := string(runes[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return cut + "…"
}
