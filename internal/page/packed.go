package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/andybalholm/brotli"
)

// packed are the compressed forms of an asset, made when somebody first asks for it: a start that made them all would take twice as long.
type packed struct {
	plain []byte
	gzip  func() []byte
	br    atomic.Pointer[[]byte] // nil until it has been made
	begin sync.Once
}

func newPacked(plain []byte) *packed {
	return &packed{plain: plain, gzip: sync.OnceValue(func() []byte { return zip(plain) })}
}

// suiting is the best form that there is for a request; an empty coding stands for the plain one. The first request has brotli made, which
// takes a tenth of a second, and doesn't wait for it.
func (p *packed) suiting(r *http.Request) (coding string, body []byte) {
	if accepts(r, "br") {
		if b := p.br.Load(); b != nil {
			return "br", *b
		}
		p.begin.Do(func() { go p.pack() })
	}
	if accepts(r, "gzip") {
		return "gzip", p.gzip()
	}
	return "", nil
}

// packing lets one asset be packed at a time: each takes some megabytes while it lasts.
var packing sync.Mutex

func (p *packed) pack() {
	packing.Lock()
	defer packing.Unlock()
	b := brotlied(p.plain)
	p.br.Store(&b)
}

// thorough is the length up to which the best that brotli can do is worth its time.
const thorough = 128 << 10

func brotlied(body []byte) []byte {
	o := brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 16} // a larger window takes tens of megabytes and wins nothing
	if len(body) > thorough {
		o.Quality = 9
	}
	var b bytes.Buffer
	w := brotli.NewWriterOptions(&b, o)
	// A bytes.Buffer takes whatever is written to it, so neither call can fail.
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

func zip(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	// As above.
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

// accepts reports whether a request takes an answer in a coding. A star is not taken for a word.
func accepts(r *http.Request, coding string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, param, _ := strings.Cut(part, ";")
		if strings.TrimSpace(name) == coding {
			q := strings.ReplaceAll(param, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}
