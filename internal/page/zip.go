package page

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// zipFrom is the length from which an answer is worth compressing: below it fits into one packet as it is.
const zipFrom = 1200

// zippable reports whether an answer may be sent compressed: only what is the same for everybody, since the length of a compressed page
// that holds a secret beside what a stranger chose would tell of the secret. A picture is compressed as it is.
func zippable(h http.Header, body []byte) bool {
	return len(body) >= zipFrom && strings.HasPrefix(h.Get("Cache-Control"), "public") && !strings.HasPrefix(h.Get("Content-Type"), "image/")
}

var zippers = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// zipInto writes body to out, compressed.
func zipInto(out *bytes.Buffer, body []byte) {
	w := zippers.Get().(*gzip.Writer)
	defer zippers.Put(w)
	w.Reset(out)
	// A bytes.Buffer takes whatever is written to it, so neither call can fail.
	_, _ = w.Write(body)
	_ = w.Close()
}
