package importer

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// limits bound what is held in memory, in bytes.
type limits struct {
	text  int // of one text
	item  int // of one item with all its comments
	facts int // of all that a survey keeps
}

// usual limits: a text is several times the largest body an article may have, and facts are about 300,000 pictures, or as many
// categories and authors.
var usual = limits{text: 8 << 20, item: 32 << 20, facts: 96 << 20}

// maxTag bounds one tag with its attributes.
const maxTag = 64 << 10

// Repairs counts what an export had that XML forbids and that was mended in reading, with the line of the first of each.
type Repairs struct {
	Controls, ControlLine     int // characters XML forbids: left out
	Encoding, EncodingLine    int // bytes that aren't valid UTF-8: U+FFFD in their place
	Ampersands, AmpersandLine int // a bare & that begins no reference: read as itself
}

type lexState uint8

const (
	inText lexState = iota
	inTag
	inCDATA
)

// source gives the XML decoder an export byte by byte, mended: WordPress writes control characters that XML forbids, blank
// lines before the declaration and bare ampersands, and the decoder would refuse the whole file for one of them. It is an
// io.ByteReader because the decoder then reads no further than it must, which makes line exact. Comments and processing
// instructions are dropped, so that one without an end costs no memory, and a document type is refused, so that there are no
// entities to expand.
type source struct {
	in      *bufio.Reader
	line    int
	state   lexState
	quote   byte
	run     int // bytes of the current text or tag
	cutLine int // line at which a text outgrew its limit; the reader resets it
	maxText int
	pending []byte
	store   [16]byte
	repairs Repairs
}

var declaredEncoding = regexp.MustCompile(`^\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// newSource finds the encoding of r from its first bytes.
func newSource(r io.Reader, maxText int) (*source, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(1024)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err = in.Discard(3)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		dec := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder()
		in, err = bufio.NewReaderSize(dec.Reader(in), 64<<10), nil
	default:
		in, err = decoded(in, head)
	}
	if err != nil {
		return nil, err
	}
	return &source{in: in, line: 1, maxText: maxText}, nil
}

func decoded(in *bufio.Reader, head []byte) (*bufio.Reader, error) {
	m := declaredEncoding.FindSubmatch(head)
	if m == nil || strings.EqualFold(string(m[1]), "utf-8") || strings.EqualFold(string(m[1]), "utf8") {
		return in, nil
	}
	enc, err := htmlindex.Get(string(m[1]))
	if err != nil {
		return nil, &FileError{1, fmt.Sprintf("the encoding %q is not known", m[1])}
	}
	return bufio.NewReaderSize(enc.NewDecoder().Reader(in), 64<<10), nil
}

// Read is there because the decoder wants an io.Reader; it only ever calls ReadByte.
func (s *source) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = b
	return 1, nil
}

// ReadByte returns the next byte of well-formed text.
func (s *source) ReadByte() (byte, error) {
	for {
		if len(s.pending) > 0 {
			b := s.pending[0]
			s.pending = s.pending[1:]
			return b, nil
		}
		b, err := s.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if b == '\n' {
			s.line++
		}
		keep, err := s.step(b)
		if err != nil {
			return 0, err
		}
		if keep {
			return b, nil
		}
	}
}

// step moves on by b and says whether it is part of the text; what follows it, if anything, is in pending.
func (s *source) step(b byte) (bool, error) {
	s.run++
	switch {
	case b >= utf8.RuneSelf:
		return s.wide()
	case b < ' ' && b != '\n' && b != '\t' && b != '\r':
		note(&s.repairs.Controls, &s.repairs.ControlLine, s.line)
		return false, nil
	case s.state == inTag:
		return s.tag(b)
	case s.state == inCDATA:
		if b == ']' && s.ahead("]>") {
			s.state, s.run = inText, 0
			return true, s.skip("]>", "]>")
		}
	case b == '<':
		return s.opening()
	case b == '&':
		return s.reference()
	case b == ']' && s.ahead("]>"):
		return true, s.skip("]>", "]&gt;")
	}
	return s.fits(), nil
}

// fits drops what is beyond the limit of one text; the item it belongs to is left out, the rest of the file is not.
func (s *source) fits() bool {
	if s.run <= s.maxText {
		return true
	}
	if s.cutLine == 0 {
		s.cutLine = s.line
	}
	return false
}

func (s *source) tag(b byte) (bool, error) {
	switch {
	case s.run > maxTag:
		return false, &FileError{s.line, fmt.Sprintf("a tag longer than %d KB", maxTag>>10)}
	case b == '&':
		return s.reference()
	case b == s.quote:
		s.quote = 0
	case s.quote == 0 && (b == '"' || b == '\''):
		s.quote = b
	case s.quote == 0 && b == '>':
		s.state, s.run = inText, 0
	}
	return true, nil
}

// opening decides what a < in text begins.
func (s *source) opening() (bool, error) {
	switch {
	case s.ahead("!--"):
		return false, s.drop("!--", "-->")
	case s.ahead("?"):
		return false, s.drop("?", "?>")
	case s.ahead("![CDATA["):
		s.state, s.run = inCDATA, 0
		return true, s.skip("![CDATA[", "![CDATA[")
	case s.ahead("!"):
		return false, &FileError{s.line, "a document type declaration: entities are never expanded, so the file is refused; no WordPress export has one"}
	}
	s.state, s.quote, s.run = inTag, 0, 0
	return true, nil
}

// drop passes over everything from open to end.
func (s *source) drop(open, end string) error {
	from := s.line
	if _, err := s.in.Discard(len(open)); err != nil {
		return err
	}
	for matched := 0; matched < len(end); {
		b, err := s.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return &FileError{s.line, fmt.Sprintf("the file ends inside the <%s that began in line %d: it was cut off, export it again", open, from)}
		}
		if err != nil {
			return err
		}
		switch {
		case b == end[matched]:
			matched++
		case b == '-' && matched == 2: // ---> ends a comment too
		case b == end[0]:
			matched = 1
		default:
			matched = 0
		}
		if b == '\n' {
			s.line++
		}
	}
	return nil
}

// wide reads the rest of a character whose first byte was just taken.
func (s *source) wide() (bool, error) {
	if err := s.in.UnreadByte(); err != nil {
		return false, err
	}
	r, size, err := s.in.ReadRune()
	if err != nil {
		return false, err
	}
	s.run += size - 1
	switch {
	case r == utf8.RuneError && size == 1:
		note(&s.repairs.Encoding, &s.repairs.EncodingLine, s.line)
	case !allowed(r):
		note(&s.repairs.Controls, &s.repairs.ControlLine, s.line)
		return false, nil
	}
	if s.state != inTag && !s.fits() {
		return false, nil
	}
	s.pending = utf8.AppendRune(s.store[:0], r)
	return false, nil
}

// reference passes a reference on where the decoder knows it, and the & alone as text where it doesn't.
func (s *source) reference() (bool, error) {
	if s.state == inText && !s.fits() {
		return false, nil
	}
	next, err := s.in.Peek(12)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	name, _, found := bytes.Cut(next, []byte(";"))
	switch {
	case found && len(name) > 1 && name[0] == '#':
		if r, ok := numbered(string(name[1:])); ok && !allowed(r) {
			note(&s.repairs.Controls, &s.repairs.ControlLine, s.line)
			_, err := s.in.Discard(len(name) + 1)
			return false, err
		} else if ok {
			return true, nil
		}
	case found && isNamed(string(name)):
		return true, nil
	}
	note(&s.repairs.Ampersands, &s.repairs.AmpersandLine, s.line)
	s.pending = append(s.store[:0], "amp;"...)
	return true, nil
}

func isNamed(name string) bool {
	switch name {
	case "amp", "lt", "gt", "quot", "apos":
		return true
	}
	_, ok := xml.HTMLEntity[name]
	return ok
}

func numbered(s string) (rune, bool) {
	base := 10
	if s[0] == 'x' {
		s, base = s[1:], 16
	}
	n, err := strconv.ParseUint(s, base, 31)
	return rune(n), err == nil
}

// allowed says whether XML 1.0 may carry r.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

func (s *source) ahead(want string) bool {
	got, err := s.in.Peek(len(want))
	return err == nil && string(got) == want
}

// skip takes old, which is ahead, and gives new in its place.
func (s *source) skip(old, replacement string) error {
	s.pending = append(s.store[:0], replacement...)
	_, err := s.in.Discard(len(old))
	return err
}

func note(count, line *int, at int) {
	if *count == 0 {
		*line = at
	}
	*count++
}
