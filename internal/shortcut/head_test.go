package shortcut

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
)

// holdsHead fails where a head in strict form isn't to net/http what it is here: where it ends, how long its body is, what it asks for.
func holdsHead(t *testing.T, p []byte) {
	var h head
	h.read(p, []string{"Accept-Encoding", "User-Agent"})
	if h.size == 0 {
		if h.answerable || h.length != 0 {
			t.Fatalf("%q: no strict form, and yet %+v", p, h)
		}
		return
	}
	in := bytes.NewReader(p[:h.size])
	buf := bufio.NewReader(in)
	r, err := http.ReadRequest(buf)
	if err != nil {
		if h.answerable {
			t.Fatalf("%q: %v", p, err)
		}
		return // the server says so, and ends the connection
	}
	if rest := in.Len() + buf.Buffered(); rest > 0 {
		t.Fatalf("%q: net/http leaves %d bytes", p, rest)
	}
	if r.Method != h.request.Method || max(0, r.ContentLength) != h.length || len(r.TransferEncoding) > 0 || r.Close || r.ProtoMinor != 1 || r.ProtoMajor != 1 {
		t.Fatalf("%q: %s of %d bytes, %v, close %v, and here %s of %d", p, r.Method, r.ContentLength, r.TransferEncoding, r.Close, h.request.Method, h.length)
	}
	if !h.answerable {
		return
	}
	a, b := r, &h.request
	if a.URL.Path != b.URL.Path || a.URL.RawPath != "" || a.URL.RawQuery != b.URL.RawQuery || a.URL.ForceQuery || a.URL.Fragment != "" || a.URL.Host != "" || a.Host != b.Host ||
		a.RequestURI != b.RequestURI || a.ContentLength != 0 {
		t.Fatalf("%q: %+v, and here %+v", p, a, b)
	}
	for _, name := range []string{"Accept-Encoding", "User-Agent"} {
		if x, y := a.Header[name], b.Header[name]; len(x) != len(y) || len(x) > 1 || len(x) == 1 && x[0] != y[0] {
			t.Fatalf("%q: %s %q, and here %q", p, name, x, y)
		}
	}
	if n, err := io.Copy(io.Discard, a.Body); n != 0 || err != nil {
		t.Fatalf("%q: a body of %d bytes, %v", p, n, err)
	}
}

// TestHeadIsReadAsNetHTTPDoes puts each octet at each place of sound requests.
func TestHeadIsReadAsNetHTTPDoes(t *testing.T) {
	for _, l := range lines {
		if len(l) > 200 {
			continue
		}
		for at := range len(l) {
			for c := range 256 {
				p := []byte(l)
				p[at] = byte(c)
				holdsHead(t, p)
			}
		}
	}
}

// TestStrictFormIsTheUsualOne: what browsers and proxies send is answered.
func TestStrictFormIsTheUsualOne(t *testing.T) {
	for _, l := range []string{
		"GET /2026/12/a-crossing/ HTTP/1.1\r\nHost: stet.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0\r\n" +
			"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" +
			"Referer: https://search.example/?q=a%20b\r\nConnection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nPriority: u=0, i\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: stet.example\r\nX-Forwarded-For: 2001:db8::1\r\nX-Forwarded-Proto: https\r\nAccept-Encoding: gzip\r\nVia: 1.1 varnish\r\nCookie: a=b; c=d\r\n\r\n",
		"HEAD /?page=2 HTTP/1.1\r\nHost: stet.example:8080\r\nIf-None-Match: \"a\", W/\"b\"\r\n\r\n",
	} {
		var h head
		if h.read([]byte(l), []string{"Accept-Encoding"}); !h.answerable {
			t.Errorf("%q is not understood", l)
		}
		holdsHead(t, []byte(l))
	}
}
