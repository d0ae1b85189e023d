package importer

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
)

// maxDepth is how many elements may stand within each other.
const maxDepth = 64

type space uint8

const (
	plain space = iota
	wpSpace
	dcSpace
	contentSpace
	excerptSpace
	foreign
)

type element struct {
	space space
	local string
}

// reader walks one export. What it yields is as large as one item; the text being collected lives in buf and is reused.
type reader struct {
	src      *source
	max      limits
	dec      *xml.Decoder
	depth    int
	buf      []byte
	size     int  // of the item being read
	skimming bool // bodies and comments' words are passed over
}

// part is what stands directly in a channel: one of its fields is set.
type part struct {
	site   func(*Site)
	author *Author
	term   *Term
	item   *Item
}

func newReader(r io.Reader, lim limits) (*reader, error) {
	src, err := newSource(r, lim.text)
	if err != nil {
		return nil, err
	}
	dec := xml.NewDecoder(src)
	dec.Entity = xml.HTMLEntity
	return &reader{src: src, max: lim, dec: dec}, nil
}

// Items yields an export's items in file order. An error, always a *FileError or the one of r, ends the sequence; every item
// before it was whole. An item too large to hold is yielded with its Fault.
func Items(r io.Reader) iter.Seq2[*Item, error] { return items(r, usual) }

func items(r io.Reader, lim limits) iter.Seq2[*Item, error] {
	return func(yield func(*Item, error) bool) {
		rd, err := newReader(r, lim)
		if err != nil {
			yield(nil, err)
			return
		}
		for p, err := range rd.parts() {
			if err != nil {
				yield(nil, err)
				return
			}
			if p.item != nil && !yield(p.item, nil) {
				return
			}
		}
	}
}

func (r *reader) parts() iter.Seq2[part, error] {
	return func(yield func(part, error) bool) {
		if err := r.enter(); err != nil {
			yield(part{}, err)
			return
		}
		for {
			p, err := r.part()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// enter reads up to the channel.
func (r *reader) enter() error {
	for _, want := range []string{"rss", "channel"} {
		for {
			tok, err := r.token()
			if errors.Is(err, io.EOF) {
				return &FileError{r.src.line, "not a WordPress export: the file ends without a <" + want + "> element"}
			}
			if err != nil {
				return err
			}
			if t, ok := tok.(xml.StartElement); ok && t.Name.Local == want {
				break
			} else if ok {
				return &FileError{r.src.line, fmt.Sprintf("not a WordPress export: it has <%s> where <%s> was expected", t.Name.Local, want)}
			}
		}
	}
	return nil
}

// part reads the next thing of the channel; io.EOF at the channel's end. What stands behind that is never looked at.
func (r *reader) part() (part, error) {
	for {
		tok, err := r.token()
		if err != nil {
			return part{}, r.whole(err)
		}
		switch t := tok.(type) {
		case xml.EndElement:
			return part{}, io.EOF
		case xml.StartElement:
			p, err := r.channelElement(t)
			return p, r.whole(err)
		}
	}
}

func (r *reader) channelElement(t xml.StartElement) (part, error) {
	e := elementOf(t)
	if e == (element{plain, "item"}) {
		it, err := r.item()
		return part{item: it}, err
	}
	switch {
	case e == element{wpSpace, "author"}:
		a := &Author{}
		err := r.fields(func(e element, text string) { setAuthor(a, e, text) })
		return part{author: a}, err
	case e.space == wpSpace && (e.local == "category" || e.local == "tag" || e.local == "term"):
		term := &Term{Taxonomy: map[string]string{"category": "category", "tag": "post_tag"}[e.local]}
		err := r.fields(func(e element, text string) { setTerm(term, e, text) })
		return part{term: term}, err
	}
	set := siteField(e)
	if set == nil {
		return part{}, r.skip()
	}
	text, err := r.text()
	return part{site: func(s *Site) { set(s, text) }}, err
}

// fields reads the elements of one element, each a text.
func (r *reader) fields(set func(element, string)) error {
	for {
		tok, err := r.token()
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			text, err := r.text()
			if err != nil {
				return err
			}
			set(elementOf(t), text)
		}
	}
}

// text collects the text of the element just begun, that of elements within it too.
func (r *reader) text() (string, error) {
	r.buf = r.buf[:0]
	for open := 1; open > 0; {
		tok, err := r.token()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			open++
		case xml.EndElement:
			open--
		case xml.CharData:
			if len(r.buf)+len(t) > r.max.text || r.size+len(r.buf)+len(t) > r.max.item {
				r.src.tooLong()
				continue
			}
			r.buf = append(r.buf, t...)
		}
	}
	r.size += len(r.buf)
	return string(r.buf), nil
}

func (r *reader) skip() error {
	for open := 1; open > 0; {
		tok, err := r.token()
		if err != nil {
			return err
		}
		switch tok.(type) {
		case xml.StartElement:
			open++
		case xml.EndElement:
			open--
		}
	}
	return nil
}

func (r *reader) token() (xml.Token, error) {
	tok, err := r.dec.Token()
	if err != nil {
		return nil, r.fault(err)
	}
	switch tok.(type) {
	case xml.StartElement:
		if r.depth++; r.depth > maxDepth {
			return nil, &FileError{r.src.line, fmt.Sprintf("more than %d elements within each other", maxDepth)}
		}
	case xml.EndElement:
		r.depth--
	}
	return tok, nil
}

// fault says what the decoder found in the words of a person who has to do something about it.
func (r *reader) fault(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Msg, "unexpected EOF"), errors.Is(err, io.ErrUnexpectedEOF):
		return &FileError{r.src.line, "the file ends too early: it was cut off, export it again"}
	case errors.As(err, &syntax):
		return &FileError{r.src.line, "not well-formed XML: " + strings.ReplaceAll(syntax.Msg, "\n", " ")}
	}
	return err
}

// whole turns an end of the file before the end of the channel into the fault that it is.
func (r *reader) whole(err error) error {
	if errors.Is(err, io.EOF) {
		return r.fault(io.ErrUnexpectedEOF)
	}
	return err
}

// tooLong notes that a text was cut.
func (s *source) tooLong() {
	if s.cutLine == 0 {
		s.cutLine = s.line
	}
}

// elementOf is the element's name whatever version of the format its prefix is bound to, and also where it is bound to nothing.
func elementOf(t xml.StartElement) element {
	ns := t.Name.Space
	switch {
	case ns == "":
		return element{plain, t.Name.Local}
	case ns == "excerpt", strings.Contains(ns, "wordpress.org/export/") && strings.Contains(ns, "/excerpt"):
		return element{excerptSpace, t.Name.Local}
	case ns == "wp", strings.Contains(ns, "wordpress.org/export/"):
		return element{wpSpace, t.Name.Local}
	case ns == "dc", strings.HasPrefix(ns, "http://purl.org/dc/"):
		return element{dcSpace, t.Name.Local}
	case ns == "content", strings.HasPrefix(ns, "http://purl.org/rss/1.0/modules/content"):
		return element{contentSpace, t.Name.Local}
	}
	return element{foreign, t.Name.Local}
}

func number(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// date reads WordPress's own form; "0000-00-00 00:00:00", its word for none, and what can't be read are the zero time.
func date(s string) time.Time {
	t, err := time.Parse(time.DateTime, strings.TrimSpace(s))
	if err != nil || t.Year() < 1 {
		return time.Time{}
	}
	return t
}
