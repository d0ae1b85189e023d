package article

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// stored is a Content that is read from the jsonb of a version. Nearly all of it is the body, a list of strings, which is read here in a
// fraction of the time that package json takes; the rest, and whatever looks otherwise than Postgres writes it, is left to that.
type stored Content

// bodyKey is how Postgres begins the body. It stands in no string, where quotation marks are escaped, and no other part of a Content has its name.
const bodyKey = `"body": [`

// ScanBytes is for pgx; raw is read, and not kept.
func (s *stored) ScanBytes(raw []byte) error {
	before, list, found := bytes.Cut(raw, []byte(bodyKey))
	if !found {
		return json.Unmarshal(raw, (*Content)(s))
	}
	body, after, ok := readStrings(list)
	if !ok {
		return json.Unmarshal(raw, (*Content)(s))
	}
	err := json.Unmarshal(slices.Concat(before, []byte(bodyKey+"]"), after), (*Content)(s))
	s.Body = body
	return err
}

// readStrings reads a list of strings up to its end, and gives what follows it.
func readStrings(raw []byte) (list []string, after []byte, ok bool) {
	list = []string{}
	for {
		raw = bytes.TrimLeft(raw, ", ")
		switch {
		case len(raw) == 0:
			return nil, nil, false
		case raw[0] == ']':
			return list, raw[1:], true
		case raw[0] != '"':
			return nil, nil, false
		}
		var text string
		if text, raw, ok = readString(raw[1:]); !ok {
			return nil, nil, false
		}
		list = append(list, text)
	}
}

// readString reads a string from behind its quotation mark up to its end.
func readString(raw []byte) (text string, after []byte, ok bool) {
	end := closing(raw)
	if end < 0 {
		return "", nil, false
	}
	rest, after := raw[:end], raw[end+1:]
	var b strings.Builder
	b.Grow(end)
	for {
		before, escaped, found := bytes.Cut(rest, []byte{'\\'})
		b.Write(before)
		if !found {
			return b.String(), after, true
		}
		meant := strings.IndexByte(`"\/bfnrt`, escaped[0])
		if meant < 0 {
			return "", nil, false
		}
		b.WriteByte("\"\\/\b\f\n\r\t"[meant])
		rest = escaped[1:]
	}
}

// closing finds the quotation mark that no backslash escapes; -1 where there is none.
func closing(raw []byte) int {
	for end := 0; ; end++ {
		i := bytes.IndexByte(raw[end:], '"')
		if i < 0 {
			return -1
		}
		end += i
		if before := raw[:end]; (end-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return end
		}
	}
}
