package shortcut

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
)

// head is what stands before a request's body. It is read anew for each request of a connection.
type head struct {
	// size is its length with the empty line at its end; 0: it isn't in strict form, or not whole.
	size int
	// length is that of the body.
	length int64
	// answerable: the request may be answered here, and request says what it asks for.
	answerable bool
	request    http.Request
	address    url.URL
	values     []string // of the headers, in one array
}

// bodyMost is the longest body whose end is watched for.
const bodyMost = 1 << 30

// read reads the head at the beginning of p, of RFC 9112 in its strict form: lines end in CR LF, names are tokens, values visible ASCII, no line
// goes on in the next. What changes where a request ends, or what happens to the connection after it, has no strict form.
func (h *head) read(p []byte, names []string) {
	h.size, h.length, h.answerable = 0, 0, false
	end := bytes.Index(p, []byte("\r\n\r\n"))
	if end < 0 {
		return
	}
	text := string(p[:end+2])
	line, rest, _ := strings.Cut(text, "\r\n")
	method, target, ok := requestLine(line)
	if !ok {
		return
	}
	r := &h.request
	if r.Header == nil {
		r.Header, r.URL = make(http.Header, len(names)), &h.address
		r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	}
	clear(r.Header)
	h.values = h.values[:0]
	r.Method, r.Host, r.RequestURI = method, "", target
	f, ok := h.fields(rest, names)
	if !ok {
		return
	}
	h.size = end + 4
	if f.length != unsaid {
		h.length = f.length
	}
	h.answerable = (method == http.MethodGet || method == http.MethodHead) && f.length == unsaid && f.hosts == 1 && !f.repeated && h.locate(target)
}

// requestLine reads "GET /path HTTP/1.1".
func requestLine(line string) (method, target string, ok bool) {
	method, rest, _ := strings.Cut(line, " ")
	target, proto, _ := strings.Cut(rest, " ")
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost: // others are rare
	default:
		return "", "", false
	}
	return method, target, proto == "HTTP/1.1" && target != "" && all(target, visible)
}

// locate reads a target that says the same raw and decoded: an absolute path without escapes, perhaps with a query.
func (h *head) locate(target string) bool {
	path, query, asked := strings.Cut(target, "?")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || !all(path, inPath) || asked && query == "" || strings.Contains(query, "#") {
		return false
	}
	h.address.Path, h.address.RawQuery = path, query
	return true
}

// fields are what the lines after the first say of the request's form.
type fields struct {
	length   int64 // unsaid: nothing of it
	hosts    int
	repeated bool // a header that the answer depends on stands there twice
}

const unsaid = -1

// fields reads the header lines, each with its CR LF.
func (h *head) fields(lines string, names []string) (f fields, ok bool) {
	f.length = unsaid
	for lines != "" {
		var line string
		line, lines, _ = strings.Cut(lines, "\r\n")
		name, value, found := strings.Cut(line, ":")
		if !found || name == "" || !all(name, inToken) || !all(value, inValue) {
			return f, false
		}
		if value = strings.Trim(value, " \t"); !h.field(&f, name, value, names) {
			return f, false
		}
	}
	return f, true
}

func (h *head) field(f *fields, name, value string, names []string) bool {
	switch len(name) {
	case len("Host"):
		if strings.EqualFold(name, "Host") {
			h.request.Host = value
			f.hosts++
			return true
		}
	case len("Expect"):
		if strings.EqualFold(name, "Expect") {
			return false
		}
	case len("Upgrade"):
		if strings.EqualFold(name, "Upgrade") || strings.EqualFold(name, "Trailer") {
			return false
		}
	case len("Connection"):
		if strings.EqualFold(name, "Connection") {
			return strings.EqualFold(value, "keep-alive")
		}
	case len("Content-Length"):
		if strings.EqualFold(name, "Content-Length") {
			known := f.length != unsaid
			f.length = number(value)
			return !known && f.length != unsaid
		}
	case len("Transfer-Encoding"):
		if strings.EqualFold(name, "Transfer-Encoding") {
			return false
		}
	}
	for _, n := range names {
		if len(n) != len(name) || !strings.EqualFold(n, name) {
			continue
		}
		f.repeated = f.repeated || h.request.Header[n] != nil
		h.values = append(h.values, value)
		h.request.Header[n] = h.values[len(h.values)-1 : len(h.values) : len(h.values)]
	}
	return true
}

// number reads a length of digits alone; unsaid: it is none, or over bodyMost.
func number(s string) int64 {
	if s == "" || len(s) > len("1073741824") {
		return unsaid
	}
	var n int64
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return unsaid
		}
		n = 10*n + int64(s[i]-'0')
	}
	if n > bodyMost {
		return unsaid
	}
	return n
}

// What an octet may stand in.
const (
	inToken = 1 << iota // RFC 9110, 5.6.2
	inPath              // of a path, unreserved: RFC 3986, 2.3; what is reserved has two spellings
	visible             // ASCII that can be seen
	inValue             // of a header, with blanks and tabs
)

var octets = func() (table [256]uint8) {
	for b := range 256 {
		c := byte(b)
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if letter || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 {
			table[b] |= inToken
		}
		if letter || strings.IndexByte("/-._~", c) >= 0 {
			table[b] |= inPath
		}
		if c > ' ' && c < 0x7f {
			table[b] |= visible | inValue
		}
		if c == ' ' || c == '\t' {
			table[b] |= inValue
		}
	}
	return table
}()

func all(s string, of uint8) bool {
	for i := range len(s) {
		if octets[s[i]]&of == 0 {
			return false
		}
	}
	return true
}
