package settings

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"stet/internal/fault"
)

// Entry is a link in the section bar or at the foot: a path of the site or an https address, with its words. Category is set where it is a
// category's: the link follows it when it is moved, and carries its name where it has no words of its own.
type Entry struct {
	Name     string `json:"name,omitempty"`
	URL      string `json:"url"`
	Category int64  `json:"category,omitempty"`
}

// Column is a headed list of links at the foot of every page.
type Column struct {
	Title string  `json:"title"`
	Links []Entry `json:"links"`
}

// ReadsByServer and ReadsByBeacon are the values of ReadsBy.
const (
	ReadsByServer = "server"
	ReadsByBeacon = "beacon"
)

// What stands around a page has room for so much.
const (
	maxNavigation = 12
	maxColumns    = 5
	maxLinks      = 12
	maxName       = 40
	maxURL        = 500
)

// IsOwn reports whether s is a path of this site: it can't lead elsewhere however a browser reads it.
func IsOwn(s string) bool {
	u, err := url.Parse(s)
	return err == nil && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") && !strings.Contains(s, `\`) && u.Host == "" && len(s) <= maxURL && plain(s)
}

// isPlace reports whether s is where a link around the page may lead: a path of this site, or somewhere else by https.
func isPlace(s string) bool {
	return IsOwn(s) || strings.HasPrefix(s, "https://") && isWeb(s)
}

func tidyEntries(in []Entry) []Entry {
	out := []Entry{}
	for _, e := range in {
		e.Name, e.URL = strings.Join(strings.Fields(e.Name), " "), strings.TrimSpace(e.URL)
		if e != (Entry{}) {
			out = append(out, e)
		}
	}
	return out
}

func tidyColumns(in []Column) []Column {
	out := []Column{}
	for _, col := range in {
		col.Title, col.Links = strings.Join(strings.Fields(col.Title), " "), tidyEntries(col.Links)
		if col.Title != "" || len(col.Links) > 0 {
			out = append(out, col)
		}
	}
	return out
}

func sameColumns(a, b []Column) bool {
	return slices.EqualFunc(a, b, func(x, y Column) bool { return x.Title == y.Title && slices.Equal(x.Links, y.Links) })
}

func (s Settings) checkAround(c *fault.Check) {
	c.That(len(s.Navigation) <= maxNavigation, "navigation", "settings.links.many")
	checkEntries(c, "navigation", s.Navigation)
	c.That(len(s.Footer) <= maxColumns, "footer", "settings.columns.many")
	for _, col := range s.Footer {
		c.That(col.Title != "", "footer", "settings.column.untitled")
		c.That(utf8.RuneCountInString(col.Title) <= maxName, "footer", "field.long")
		c.That(plain(col.Title), "footer", "field.characters")
		c.That(len(col.Links) > 0, "footer", "settings.column.empty|"+quoted(col.Title))
		c.That(len(col.Links) <= maxLinks, "footer", "settings.links.many")
		checkEntries(c, "footer", col.Links)
	}
	c.That(s.LogoNight == 0 || s.Logo != 0, "logo_night", "settings.logo.alone")
	c.That(plain(s.Imprint), "imprint", "field.characters")
	c.That(utf8.RuneCountInString(s.Imprint) <= 300, "imprint", "field.long")
	c.That(s.ReadsBy == ReadsByServer || s.ReadsBy == ReadsByBeacon, "reads_by", "settings.reads.unknown")
}

func checkEntries(c *fault.Check, field string, entries []Entry) {
	for _, e := range entries {
		c.That(e.Name != "" || e.Category != 0, field, "settings.link.unnamed|"+quoted(e.URL))
		c.That(isPlace(e.URL), field, "settings.link.place|"+quoted(e.URL))
		c.That(utf8.RuneCountInString(e.Name) <= maxName, field, "settings.link.long|"+quoted(e.Name))
		c.That(plain(e.Name), field, "field.characters")
	}
}

// quoted is text as an argument of a fault: one line, not too long, without the sign that parts arguments.
func quoted(s string) string {
	s = strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "/")
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return s
}
