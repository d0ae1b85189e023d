package importer

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var (
	attachmentClass = regexp.MustCompile(`(?:^|\s)wp-image-([0-9]{1,18})(?:\s|$)`)
	background      = regexp.MustCompile(`background-image:\s*url\(\s*["']?([^"')]+)["']?\s*\)`)
	sizeSuffix      = regexp.MustCompile(`-(?:[0-9]{1,5}x[0-9]{1,5}|scaled|rotated|e[0-9]{10,})$`)
)

// place gives each picture that is stored here its id and turns links into the old site into links into this one.
func (b *body) place(root *html.Node) {
	var links []*html.Node
	absent := 0
	for n := range root.Descendants() {
		showBackground(n)
		switch {
		case n.DataAtom == atom.Img && b.stored != nil:
			if !b.picture(n) {
				absent++
			}
		case n.DataAtom == atom.A:
			links = append(links, n)
		}
	}
	for _, a := range links {
		b.link(a)
	}
	if absent > 0 {
		b.note("pictures from elsewhere are shown as links")
	}
}

// showBackground makes a picture of the one that a cover block has behind its words: styles are not kept.
func showBackground(n *html.Node) {
	src, cover := "", false
	for _, a := range n.Attr {
		switch a.Key {
		case "class":
			cover = strings.Contains(a.Val, "wp-block-cover")
		case "style":
			if m := background.FindStringSubmatch(a.Val); m != nil {
				src = m[1]
			}
		}
	}
	if cover && src != "" {
		n.InsertBefore(&html.Node{
			Type: html.ElementNode, Data: "img", DataAtom: atom.Img, Attr: []html.Attribute{{Key: "src", Val: src}, {Key: "alt"}},
		}, n.FirstChild)
	}
}

func (b *body) picture(n *html.Node) bool {
	var src string
	var id int64
	for _, a := range n.Attr {
		switch a.Key {
		case "src", "data-src", "data-lazy-src", "data-orig-file":
			if src == "" || !strings.HasPrefix(a.Val, "data:") && strings.HasPrefix(src, "data:") {
				src = a.Val
			}
		case "class":
			if m := attachmentClass.FindStringSubmatch(a.Val); m != nil {
				id = number(m[1])
			}
		case "data-id":
			id = number(a.Val)
		}
	}
	media := b.stored(src, id)
	if media == 0 {
		return false
	}
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key != "alt" })
	n.Attr = append(n.Attr, html.Attribute{Key: "data-media", Val: decimal(media)})
	return true
}

// link shortens the address of one of the old site's own pages to its path, and takes the link off a picture that led to nothing
// but its own file.
func (b *body) link(a *html.Node) {
	for i := range a.Attr {
		at := &a.Attr[i]
		if at.Key != "href" {
			continue
		}
		if isPictureFile(at.Val) && holdsPicture(a) {
			for c := a.FirstChild; c != nil; c = a.FirstChild {
				a.RemoveChild(c)
				a.Parent.InsertBefore(c, a)
			}
			a.Parent.RemoveChild(a)
			return
		}
		at.Val = b.survey.local(at.Val)
		return
	}
}

func holdsPicture(a *html.Node) bool {
	found := false
	for c := range a.Descendants() {
		switch {
		case c.Type == html.TextNode && strings.TrimSpace(c.Data) != "":
			return false
		case c.DataAtom == atom.Img:
			for _, at := range c.Attr {
				found = found || at.Key == "data-media"
			}
		}
	}
	return found
}

// local is an address on the old site as a path here; files and other sites' addresses stay as they are.
func (s *Survey) local(to string) string {
	u, err := url.Parse(to)
	if err != nil || s == nil || u.Host == "" || !strings.EqualFold(bareHost(u.Host), siteHost(s.Site.URL)) {
		return to
	}
	if strings.Contains(u.Path, "/wp-content/") || path.Ext(u.Path) != "" && path.Ext(u.Path) != ".html" {
		return to
	}
	u.Scheme, u.Host, u.User = "", "", nil
	if u.Path == "" {
		u.Path = "/"
	}
	if strings.HasPrefix(u.Path, "//") {
		return to
	}
	return u.String()
}

func siteHost(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return bareHost(u.Host)
}

func bareHost(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }

func isPictureFile(address string) bool { return File{URL: address}.Picture() }

// fileKey is the address of a file without what may change about it: scheme, query, www.
func fileKey(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Path == "" {
		return ""
	}
	ext := path.Ext(u.Path)
	return bareHost(u.Host) + strings.TrimSuffix(u.Path, ext) + strings.ToLower(ext)
}

// sizeless is what all sizes of one picture have in common: WordPress writes the size into the name.
func sizeless(key string) string {
	ext := path.Ext(key)
	return sizeSuffix.ReplaceAllString(strings.TrimSuffix(key, ext), "") + ext
}
