package page

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxFields is how many fields a form may have, whatever its bytes; maxQuery how long a query may be.
const (
	maxFields = 1000
	maxQuery  = 4096
)

// Form is what was submitted, or asked for in a query.
type Form struct {
	url.Values
	// Files are those of a multipart form; net/http removes them after the answer.
	Files map[string][]*multipart.FileHeader
}

// ParseForm reads the body of r, at most limit bytes of it, as a form of either encoding; the query isn't part of it.
// It returns ErrTooLarge over the limit or over 1,000 fields, and ErrMalformed for what can't be decoded, a NUL, or bytes
// that aren't UTF-8.
func ParseForm(w http.ResponseWriter, r *http.Request, limit int64) (Form, error) {
	raw := r.Body
	if r.ContentLength > limit {
		drain(raw)
		return Form{}, fmt.Errorf("%w: %d bytes announced", ErrTooLarge, r.ContentLength)
	}
	r.Body = http.MaxBytesReader(w, raw, limit)
	f, err := parseBody(r)
	if errors.Is(err, ErrTooLarge) {
		drain(raw)
	}
	return f, err
}

// maxDrained is how much of a body that is too large is taken off the line, and forgotten.
const maxDrained = 16 << 20

// drain takes the rest of a body off the line: a browser that is still sending shows no answer, only that the connection broke.
func drain(body io.Reader) { _, _ = io.CopyN(io.Discard, body, maxDrained) }

func parseBody(r *http.Request) (Form, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return Form{}, fmt.Errorf("%w: content type", ErrMalformed)
	}
	if kind == "multipart/form-data" {
		return parseMultipart(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return Form{}, bodyError(err)
	}
	if strings.Count(string(body), "&") >= maxFields {
		return Form{}, fmt.Errorf("%w: fields", ErrTooLarge)
	}
	return parseValues(string(body))
}

// memoryForFiles is how much of an upload is kept in memory; the rest waits in temporary files.
const memoryForFiles = 1 << 20

func parseMultipart(r *http.Request) (Form, error) {
	if err := r.ParseMultipartForm(memoryForFiles); err != nil {
		return Form{}, bodyError(err)
	}
	f := Form{Values: url.Values(r.MultipartForm.Value), Files: r.MultipartForm.File}
	n := 0
	for _, vs := range f.Values {
		n += len(vs)
	}
	if n > maxFields {
		return Form{}, fmt.Errorf("%w: fields", ErrTooLarge)
	}
	return f, f.check()
}

func bodyError(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	return fmt.Errorf("%w: %w", ErrMalformed, err)
}

// Query reads the query of r by the same rules; over 4,096 bytes is malformed.
func Query(r *http.Request) (Form, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return Form{}, fmt.Errorf("%w: query too long", ErrMalformed)
	}
	return parseValues(r.URL.RawQuery)
}

func parseValues(s string) (Form, error) {
	v, err := url.ParseQuery(s)
	if err != nil {
		return Form{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	f := Form{Values: v}
	return f, f.check()
}

func (f Form) check() error {
	for name, vs := range f.Values {
		for _, v := range vs {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return fmt.Errorf("%w: field %q", ErrMalformed, name)
			}
		}
		if !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
			return fmt.Errorf("%w: name of a field", ErrMalformed)
		}
	}
	return nil
}

// Text is the first value of name without white space around it, its lines ended by \n.
func (f Form) Text(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(f.Get(name), "\r\n", "\n"))
}

// Int is the first value of name as a number; 0 where it is absent or empty, ErrMalformed where it is no whole number that is
// zero or more.
func (f Form) Int(name string) (int64, error) {
	s := f.Text(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%w: %s is no number", ErrMalformed, name)
	}
	return n, nil
}

// On reports whether a checkbox was ticked.
func (f Form) On(name string) bool {
	switch f.Get(name) {
	case "", "0", "false", "off", "no":
		return false
	}
	return true
}
