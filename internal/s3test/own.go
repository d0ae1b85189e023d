package s3test

import (
	"bytes"
	"crypto/md5" // S3 names what it keeps so
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// own is as much of S3 as Stet asks for, in memory: one bucket, files whole or in parts, ranges, lists. It believes the key and checks no
// signature.
type own struct {
	bucket string
	mu     sync.Mutex
	files  map[string]file
	parts  map[string]map[int][]byte // by upload
	last   int
}

type file struct {
	bytes []byte
	mime  string
	at    time.Time
}

func (f file) etag() string {
	sum := md5.Sum(f.bytes)
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

func newOwn(bucket string) *own {
	return &own{bucket: bucket, files: map[string]file{}, parts: map[string]map[int][]byte{}}
}

// refuse answers as S3 does.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
}

// ServeHTTP implements http.Handler.
func (o *own) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !strings.Contains(r.Header.Get("Authorization"), "Credential="+key+"/") {
		refuse(w, http.StatusForbidden, "InvalidAccessKeyId")
		return
	}
	bucket, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if bucket != o.bucket {
		refuse(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	q := r.URL.Query()
	switch {
	case name == "" && r.Method == http.MethodHead:
	case name == "" && q.Get("list-type") == "2":
		o.list(w, q.Get("prefix"))
	case r.Method == http.MethodPost && q.Has("uploads"):
		o.last++
		id := strconv.Itoa(o.last)
		o.parts[id] = map[int][]byte{}
		answer(w, struct {
			XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
			Bucket, Key, UploadID string
		}{Bucket: bucket, Key: name, UploadID: id})
	case q.Has("uploadId"):
		o.part(w, r, name)
	case r.Method == http.MethodPut:
		o.put(w, r, name)
	case r.Method == http.MethodDelete:
		delete(o.files, name)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		f, there := o.files[name]
		if !there {
			refuse(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", f.etag())
		w.Header().Set("Content-Type", f.mime)
		http.ServeContent(w, r, "", f.at, bytes.NewReader(f.bytes))
	default:
		refuse(w, http.StatusNotImplemented, "NotImplemented")
	}
}

// answer writes XML. UploadID is UploadId there.
func answer(w http.ResponseWriter, v any) {
	b, err := xml.Marshal(v)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "InternalError")
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.Write(bytes.ReplaceAll(b, []byte("UploadID>"), []byte("UploadId>"))) //nolint:errcheck // who asked has gone
}

// body reads what is sent, out of the signed chunks in which it may come.
func body(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil || !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return b, err
	}
	var out []byte
	for len(b) > 0 {
		head, rest, found := bytes.Cut(b, []byte("\r\n"))
		size, _, _ := strings.Cut(string(head), ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if !found || err != nil || int(n) > len(rest) {
			return nil, fmt.Errorf("chunk %q: %w", head, io.ErrUnexpectedEOF)
		}
		if n == 0 {
			break
		}
		out = append(out, rest[:n]...)
		b = bytes.TrimPrefix(rest[n:], []byte("\r\n"))
	}
	return out, nil
}

func (o *own) put(w http.ResponseWriter, r *http.Request, name string) {
	b, err := body(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	f := file{bytes: b, mime: r.Header.Get("Content-Type"), at: time.Now()}
	o.files[name] = f
	w.Header().Set("ETag", f.etag())
}

// part is all that belongs to an upload in parts.
func (o *own) part(w http.ResponseWriter, r *http.Request, name string) {
	id := r.URL.Query().Get("uploadId")
	parts, begun := o.parts[id]
	if !begun {
		refuse(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	switch r.Method {
	case http.MethodPut:
		b, err := body(r)
		number, bad := strconv.Atoi(r.URL.Query().Get("partNumber"))
		if err != nil || bad != nil {
			refuse(w, http.StatusBadRequest, "IncompleteBody")
			return
		}
		parts[number] = b
		w.Header().Set("ETag", file{bytes: b}.etag())
	case http.MethodDelete:
		delete(o.parts, id)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPost:
		var whole []byte
		for number := 1; number <= len(parts); number++ {
			whole = append(whole, parts[number]...)
		}
		delete(o.parts, id)
		f := file{bytes: whole, at: time.Now()}
		o.files[name] = f
		answer(w, struct {
			XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
			Bucket, Key, ETag string
		}{Bucket: o.bucket, Key: name, ETag: f.etag()})
	}
}

func (o *own) list(w http.ResponseWriter, prefix string) {
	type contents struct {
		Key, LastModified, ETag string
		Size                    int
	}
	var out struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Name     string
		Contents []contents
	}
	out.Name = o.bucket
	for name, f := range o.files {
		if strings.HasPrefix(name, prefix) {
			out.Contents = append(out.Contents, contents{name, f.at.UTC().Format(time.RFC3339), f.etag(), len(f.bytes)})
		}
	}
	slices.SortFunc(out.Contents, func(a, b contents) int { return strings.Compare(a.Key, b.Key) })
	answer(w, out)
}
