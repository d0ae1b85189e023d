package pagecache

import (
	"net/http"
	"strings"
)

// Headers are those of a request, besides what Key reads, by which an answer is chosen.
var Headers = []string{"Accept-Encoding", "If-None-Match"}

// accepted is which encodings a client takes, with how much it likes them, in thousandths; 0: not at all.
type accepted struct{ plain, gzip, brotli int }

// usual are the headers of nearly everybody, so that they needn't be read.
var usual = map[string]accepted{
	"":                        {1000, 0, 0},
	"identity":                {1000, 0, 0},
	"gzip":                    {1, 1000, 0},
	"gzip, deflate":           {1, 1000, 0},
	"gzip, deflate, br":       {1, 1000, 1000},
	"gzip, deflate, br, zstd": {1, 1000, 1000},
}

// accepts reads Accept-Encoding (RFC 9110, 12.5.3). What is sent as it is counts as accepted, if least, until it is refused: a client that
// refuses everything gets it too.
func accepts(header []string) accepted {
	switch len(header) {
	case 0:
		return usual[""]
	case 1:
		if a, ok := usual[header[0]]; ok {
			return a
		}
	}
	const unsaid = -1
	a, rest := accepted{unsaid, unsaid, unsaid}, unsaid
	for _, line := range header {
		for line != "" {
			var part string
			part, line, _ = strings.Cut(line, ",")
			name, param, _ := strings.Cut(part, ";")
			q := quality(param)
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				a.gzip = q
			case strings.EqualFold(name, "br"):
				a.brotli = q
			case strings.EqualFold(name, "identity"):
				a.plain = q
			case name == "*":
				rest = q
			}
		}
	}
	if a.gzip == unsaid {
		a.gzip = max(rest, 0)
	}
	if a.brotli == unsaid {
		a.brotli = max(rest, 0)
	}
	if a.plain == unsaid {
		a.plain = 1
		if rest == 0 {
			a.plain = 0
		}
	}
	return a
}

// quality reads ";q=0.5" without its semicolon; what can't be read is 1.
func quality(param string) int {
	for param != "" {
		var p string
		p, param, _ = strings.Cut(param, ";")
		name, value, ok := strings.Cut(strings.TrimSpace(p), "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		return thousandths(strings.TrimSpace(value))
	}
	return 1000
}

func thousandths(s string) int {
	whole, part, _ := strings.Cut(s, ".")
	if whole != "0" || len(part) > 3 {
		return 1000
	}
	n := 0
	for i := range 3 {
		n *= 10
		if i >= len(part) {
			continue
		}
		if part[i] < '0' || part[i] > '9' {
			return 1000
		}
		n += int(part[i] - '0')
	}
	return n
}

// choose gives the variant to answer with, and whether the client knows it already.
func (e *entry) choose(h http.Header) (v *variant, known bool) {
	if e.zipped == nil {
		return &e.plain, knows(h, &e.plain)
	}
	a := accepts(h["Accept-Encoding"])
	brotli := e.brotli.Load()
	if len(h["If-None-Match"]) > 0 {
		// A copy in another encoding than the one sent today is as good, as long as the client takes it.
		for _, have := range []struct {
			v *variant
			q int
		}{{brotli, a.brotli}, {e.zipped, a.gzip}, {&e.plain, a.plain}} {
			if have.v != nil && have.q > 0 && knows(h, have.v) {
				return have.v, true
			}
		}
	}
	switch {
	case brotli != nil && a.brotli > 0 && a.brotli >= a.gzip && a.brotli >= a.plain:
		return brotli, false
	case a.gzip > 0 && a.gzip >= a.plain:
		return e.zipped, false
	}
	return &e.plain, false
}

// knows compares If-None-Match weakly with the variant's tag; what has no tag is known to nobody.
func knows(h http.Header, v *variant) bool {
	if v.etag == "" {
		return false
	}
	for _, line := range h["If-None-Match"] {
		for line != "" {
			var tag string
			tag, line, _ = strings.Cut(line, ",")
			if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == v.etag || tag == "*" {
				return true
			}
		}
	}
	return false
}
