package mail

import (
	"strings"

	"stet/internal/page"
	"stet/internal/settings"
)

// longest is how much of a text a letter quotes, in characters; the rest is where its link leads.
const longest = 1500

// sheet is what the templates of letters are given.
type sheet struct {
	Lang, Dir, Site, Home string
	Title                 string
	Paragraphs            []string
	Items                 []quoted
	Button                *page.Link
	After                 []string
	Foot                  []page.Link
}

// quoted is an Item by its lines.
type quoted struct {
	Head  string
	Lines []string
	URL   string
}

func newSheet(l Letter, is settings.Settings, home string) sheet {
	v := sheet{Lang: is.Language, Dir: page.Direction(is.Language), Site: is.Title, Home: home, Title: l.Title, Paragraphs: l.Paragraphs, Button: l.Button, After: l.After, Foot: l.Foot}
	for _, item := range l.Items {
		v.Items = append(v.Items, quoted{Head: line(item.Head), Lines: strings.Split(clip(item.Text), "\n"), URL: item.URL})
	}
	return v
}

func clip(s string) string {
	r := []rune(s)
	if len(r) <= longest {
		return s
	}
	return string(r[:longest]) + " …"
}
