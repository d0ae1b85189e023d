package importer

import (
	"fmt"
	"html"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// shortcode is one [name …] of a body, with what it encloses.
type shortcode struct {
	name   string
	attrs  map[string]string
	words  []string // attributes without a name
	inside string
	closed bool
}

// window is how far the end of one tag or shortcode is looked for, so that a body of beginnings costs no more than any other.
const window = 8 << 10

// enclosing shortcodes have an end tag; the others stand alone, and audio and video may do either.
var known = map[string]struct{ enclosing, maybe bool }{
	"caption": {enclosing: true}, "wp_caption": {enclosing: true}, "embed": {enclosing: true}, "sourcecode": {enclosing: true},
	"gallery": {}, "audio": {maybe: true}, "video": {maybe: true},
	"youtube": {}, "vimeo": {}, "dailymotion": {}, "soundcloud": {}, "tweet": {}, "instagram": {}, "ted": {}, "googlevideo": {},
}

var (
	shortcodeName = regexp.MustCompile(`^\[([a-z_]+)([\s=/][^\]]*)?\]`)
	attribute     = regexp.MustCompile(`([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s'"]+))|"([^"]*)"|(\S+)`)
	straight      = strings.NewReplacer("“", `"`, "”", `"`, "″", `"`, "&#8220;", `"`, "&#8221;", `"`, "&#8243;", `"`, "&quot;", `"`)
	captioned     = regexp.MustCompile(`(?is)^\s*((?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?)(.*)$`)
	webAddress    = regexp.MustCompile(`https?://[^\s"'<>\]]+`)
	videoID       = regexp.MustCompile(`^[A-Za-z0-9_-]{11}$`)
)

// shortcodes resolves the ones that mean something here and leaves every other as the text it is: whole, in its place. What
// stands inside a tag is never touched, and [[name]] is WordPress's way to write a shortcode about.
func (b *body) shortcodes(src string) string {
	var out strings.Builder
	unclosed := map[string]bool{} // names that have no end tag from here on: looked for once, not at each
	for i := 0; i < len(src); {
		step := strings.IndexAny(src[i:], "<[")
		if step < 0 || out.Len() > maxSource {
			out.WriteString(src[i:])
			break
		}
		out.WriteString(src[i : i+step])
		i += step
		var text string
		var n int
		if src[i] == '<' {
			text, n = tagAt(src[i:])
		} else {
			text, n = b.shortcodeAt(src[i:], unclosed)
		}
		out.WriteString(text)
		i += n
	}
	return out.String()
}

// tagAt passes over one tag; a < that begins none is a character.
func tagAt(src string) (string, int) {
	n := 0
	if len(src) > 1 && (src[1] == '/' || src[1]|0x20 >= 'a' && src[1]|0x20 <= 'z') {
		n = strings.IndexByte(src[:min(len(src), window)], '>')
	}
	return src[:max(n, 0)+1], max(n, 0) + 1
}

// shortcodeAt reads what begins at the [ and returns what it becomes and its length.
func (b *body) shortcodeAt(src string, unclosed map[string]bool) (string, int) {
	if strings.HasPrefix(src, "[[") && strings.Contains(src[:min(len(src), window)], "]]") {
		if m := shortcodeName.FindStringSubmatch(src[1:]); m != nil && strings.HasPrefix(src[1+len(m[0]):], "]") {
			return m[0], len(m[0]) + 2
		}
	}
	if strings.IndexByte(src[:min(len(src), window)], ']') < 0 {
		return "[", 1
	}
	m := shortcodeName.FindStringSubmatch(src)
	if m == nil {
		return "[", 1
	}
	kind, ok := known[m[1]]
	if !ok {
		return m[0], len(m[0])
	}
	sc := shortcode{name: m[1]}
	sc.parse(m[2])
	n := len(m[0])
	if end := "[/" + sc.name + "]"; (kind.enclosing || kind.maybe) && !unclosed[sc.name] && !strings.HasSuffix(m[2], "/") {
		if at := strings.Index(src[n:], end); at >= 0 {
			sc.inside, sc.closed = src[n:n+at], true
			n += at + len(end)
		} else {
			unclosed[sc.name] = true
		}
	}
	if kind.enclosing && !sc.closed {
		b.note("a [" + sc.name + "] without its end is left as text")
		return m[0], len(m[0])
	}
	if text, ok := b.resolve(sc); ok {
		return "\n\n" + text + "\n\n", n
	}
	b.note("[" + sc.name + "] is left as text")
	return src[:n], n
}

func (s *shortcode) parse(text string) {
	s.attrs = map[string]string{}
	text = strings.TrimPrefix(strings.TrimSuffix(straight.Replace(text), "/"), "=")
	for _, m := range attribute.FindAllStringSubmatch(text, -1) {
		if m[1] != "" && !webAddress.MatchString(m[1]+"=") {
			s.attrs[strings.ToLower(m[1])] = m[2] + m[3] + m[4]
			continue
		}
		s.words = append(s.words, m[5]+m[6])
	}
}

// resolve gives the HTML a shortcode stands for, or false where that isn't known.
func (b *body) resolve(s shortcode) (string, bool) {
	switch s.name {
	case "caption", "wp_caption":
		return caption(s), true
	case "gallery":
		return b.gallery(s)
	case "sourcecode":
		return "<pre><code>" + strings.Trim(s.inside, "\r\n") + "</code></pre>", true
	}
	to, ok := s.leadsTo()
	if !ok {
		return "", false
	}
	to = html.EscapeString(to)
	return `<p><a href="` + to + `">` + to + "</a></p>", true
}

func caption(s shortcode) string {
	picture, words := s.inside, s.attrs["caption"]
	if m := captioned.FindStringSubmatch(s.inside); m != nil {
		picture = m[1]
		if words == "" {
			words = strings.TrimSpace(m[2])
		}
	}
	if words == "" {
		return "<figure>" + picture + "</figure>"
	}
	return "<figure>" + picture + "<figcaption>" + words + "</figcaption></figure>"
}

// gallery shows the pictures it names, or all that were uploaded to the item.
func (b *body) gallery(s shortcode) (string, bool) {
	list := s.attrs["ids"]
	if list == "" {
		list = s.attrs["include"]
	}
	var ids []int64
	for id := range strings.SplitSeq(list, ",") {
		if n := number(id); n > 0 {
			ids = append(ids, n)
		}
	}
	if list == "" {
		ids = b.survey.Galleries[b.item.ID]
		if of := number(s.attrs["id"]); of > 0 {
			ids = b.survey.Galleries[of]
		}
	}
	left := strings.Split(s.attrs["exclude"], ",")
	var out strings.Builder
	absent := 0
	for _, id := range ids {
		f, ok := b.survey.File(id)
		switch {
		case slices.Contains(left, strconv.FormatInt(id, 10)):
		case !ok:
			absent++
		case out.Len() > maxSource:
			return "", false
		case f.Picture():
			out.WriteString(f.figure())
		}
	}
	if absent > 0 && out.Len() > 0 {
		b.note(fmt.Sprintf("%d pictures of a gallery are not in the export", absent))
	}
	return out.String(), out.Len() > 0
}

// Picture says by its name whether the file is one that a page can show.
func (f File) Picture() bool {
	switch strings.ToLower(path.Ext(strings.SplitN(f.URL, "?", 2)[0])) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".heic":
		return true
	}
	return false
}

func (f File) figure() string {
	text := fmt.Sprintf(`<figure><img class="wp-image-%d" src="%s" alt="%s">`, f.ID, html.EscapeString(f.URL), html.EscapeString(f.Alt))
	if f.Caption != "" {
		text += "<figcaption>" + html.EscapeString(f.Caption) + "</figcaption>"
	}
	return text + "</figure>"
}

// leadsTo finds the address that an embedding shortcode shows.
func (s *shortcode) leadsTo() (string, bool) {
	from := append([]string{strings.TrimSpace(s.inside)}, s.words...)
	for _, key := range []string{"src", "url", "href", "mp3", "m4a", "ogg", "wav", "flac", "mp4", "m4v", "webm", "ogv", "mov"} {
		from = append(from, s.attrs[key])
	}
	for _, w := range from {
		if to := webAddress.FindString(html.UnescapeString(w)); to != "" {
			return to, true
		}
	}
	id := s.attrs["id"]
	if len(s.words) > 0 {
		id = s.words[0]
	}
	switch {
	case s.name == "youtube" && videoID.MatchString(id):
		return "https://www.youtube.com/watch?v=" + id, true
	case s.name == "vimeo" && number(id) > 0:
		return "https://vimeo.com/" + id, true
	case s.name == "tweet" && number(id) > 0:
		return "https://twitter.com/i/status/" + id, true
	}
	return "", false
}
