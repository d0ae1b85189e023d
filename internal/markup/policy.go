package markup

import (
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
)

// The policies are the last word: what the content model built passes them unchanged, and nothing passes after them. One for all
// roles; none allows style, script, foreign elements, forms, frames, templates, comments or an attribute without a pattern
// (abbr's title and img's alt apart, which are text).
var (
	stored = articlePolicy()
	shown  = shownPolicy()
	reader = readerPolicy()
)

const hrefPattern = `^(?:https?://[^\s\\]+|mailto:[^\s\\]+|/(?:[^/\s\\][^\s\\]*)?|#[^\s\\]*)$`

func pattern(p string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + p + `)$`) }

// basePolicy checks addresses by itself, not trusting that link has.
func basePolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true)
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowAttrs("href").Matching(regexp.MustCompile(hrefPattern)).OnElements("a")
	return p
}

// articlePolicy is for bodies and notices as they are stored.
func articlePolicy() *bluemonday.Policy {
	p := basePolicy()
	p.AllowElements("p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "footer", "figure", "figcaption", "pre", "hr", "br",
		"table", "caption", "thead", "tbody", "tr", "th", "td",
		"a", "em", "strong", "code", "s", "del", "ins", "sup", "sub", "cite", "q", "abbr", "time", "span", "ruby", "rt")
	p.AllowNoAttrs().OnElements("figure", "footer", "span", "time", "abbr", "cite", "q", "ruby", "rt")
	for name, cs := range classes {
		p.AllowAttrs("class").Matching(pattern(strings.Join(cs, "|"))).OnElements(name)
	}
	p.AllowAttrs("lang").Matching(pattern(langPattern)).Globally()
	p.AllowAttrs("dir").Matching(pattern("ltr|rtl|auto")).Globally()
	p.AllowAttrs("rel").Matching(pattern("(?:" + strings.Join(rels, "|") + `)(?: (?:` + strings.Join(rels, "|") + `))*`)).OnElements("a")
	p.AllowAttrs("hreflang").Matching(pattern(langPattern)).OnElements("a")
	p.AllowAttrs("title").OnElements("abbr")
	p.AllowAttrs("datetime").Matching(pattern(timePattern)).OnElements("time")
	p.AllowAttrs("scope").Matching(pattern("col|row|colgroup|rowgroup")).OnElements("th")
	p.AllowAttrs("colspan", "rowspan").Matching(pattern(`[1-9][0-9]?`)).OnElements("th", "td")
	p.AllowAttrs("start").Matching(pattern(`[1-9][0-9]{0,5}`)).OnElements("ol")
	p.AllowAttrs("data-media").Matching(pattern(`[1-9][0-9]{0,17}`)).OnElements("img", "a")
	p.AllowAttrs("alt").OnElements("img")
	return p
}

// shownPolicy is the article's with what rendering adds: a picture's addresses and size, a block's id, a table's frame.
func shownPolicy() *bluemonday.Policy {
	p := articlePolicy()
	p.AllowElements("div", "picture", "source")
	p.AllowNoAttrs().OnElements("picture")
	p.AllowAttrs("id").Matching(pattern(idPrefix+`[a-z]{8}`)).OnElements(
		"p", "h2", "h3", "h4", "ul", "ol", "blockquote", "figure", "table", "pre", "hr", "div")
	p.AllowAttrs("id").Matching(pattern(`(?:u[0-9]{1,6}-)?fn[1-9][0-9]{0,4}`)).OnElements("li")
	p.AllowAttrs("id").Matching(pattern(`(?:u[0-9]{1,6}-)?ref[1-9][0-9]{0,4}`)).OnElements("a")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^(?:https?://[^\s\\]+|/[^/\s\\][^\s\\]*)$`)).OnElements("img")
	p.AllowAttrs("srcset").Matching(regexp.MustCompile(`^(?:(?:https?://|/)[^\s\\,]+ [0-9]+w(?:, |$))+$`)).OnElements("img", "source")
	p.AllowAttrs("sizes").Matching(regexp.MustCompile(`^[a-z0-9 ():,.\-]+$`)).OnElements("img", "source")
	p.AllowAttrs("width", "height").Matching(pattern(`[1-9][0-9]{0,4}`)).OnElements("img", "source")
	p.AllowAttrs("type").Matching(pattern(`image/[a-z]{3,5}`)).OnElements("source")
	p.AllowAttrs("media").Matching(pattern(`\(width [<>]=? [0-9.]+rem\)`)).OnElements("source")
	p.AllowAttrs("loading").Matching(pattern("lazy")).OnElements("img")
	p.AllowAttrs("decoding").Matching(pattern("async")).OnElements("img")
	p.AllowAttrs("type").Matching(pattern(`[a-z]+/[a-z0-9.+\-]+`)).OnElements("a")
	p.AllowAttrs("controls").Matching(pattern("")).OnElements("audio")
	p.AllowAttrs("preload").Matching(pattern("none")).OnElements("audio")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^(?:https?://[^\s\\]+|/[^/\s\\][^\s\\]*)$`)).OnElements("audio")
	p.AllowAttrs("class").Matching(pattern("scroll")).OnElements("div")
	p.AllowAttrs("tabindex").Matching(pattern("0")).OnElements("div")
	p.AllowAttrs("role").Matching(pattern("region")).OnElements("div")
	p.AllowAttrs("aria-label").OnElements("div", "audio")
	return p
}

// readerPolicy is for comments.
func readerPolicy() *bluemonday.Policy {
	p := basePolicy()
	p.AllowElements("p", "br", "em", "strong", "code", "blockquote", "a")
	p.AllowAttrs("rel").Matching(pattern(readerRel)).OnElements("a")
	p.AllowAttrs("dir").Matching(pattern("auto")).OnElements("p", "blockquote")
	return p
}
