package pagecache

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Append appends to out the whole answer of HTTP/1.1 that Wrap would write to r, a GET or HEAD, where it is kept and current; else !ok, and Wrap
// is to be asked. own are header lines of this answer alone, each with its CR LF.
func (c *Cache) Append(out []byte, r *http.Request, own []byte) (whole []byte, ok bool) {
	key, ok := c.o.Key(r)
	if !ok {
		return out, false
	}
	now := c.o.Now()
	e, current := c.find(key, now)
	if !current || !e.wirable {
		return out, false
	}
	left, soon := e.soon(now)
	c.stats.hits.Add(1)
	e.use()
	v, known := e.choose(r.Header)
	fields, status := v.header, e.status
	if known {
		fields, status = v.unchanged, http.StatusNotModified
	}
	out = append(out, "HTTP/1.1 "...)
	out = append(strconv.AppendInt(out, int64(status), 10), ' ')
	out = append(append(out, http.StatusText(status)...), "\r\n"...)
	for i := range fields {
		if soon && (fields[i].name == "Cache-Control" || fields[i].name == "Surrogate-Control") {
			continue
		}
		for _, value := range fields[i].values {
			out = append(append(out, fields[i].name...), ": "...)
			out = append(append(out, value...), "\r\n"...)
		}
	}
	if soon {
		out = append(appendControl(append(out, "Cache-Control: "...), left), "\r\n"...)
	}
	out = append(append(out, "Date: "...), date()...)
	out = append(append(append(out, "\r\n"...), own...), "\r\n"...)
	if known || r.Method == http.MethodHead {
		return out, true
	}
	if e.mark != nil && status == http.StatusOK && c.o.Served != nil {
		c.o.Served(r, e.mark)
	}
	return append(out, v.body...), true
}

// Awaits says whether Wrap would answer r with something other than a render of its own: with what is kept, even if it may be out of date, or with a
// render that is under way.
func (c *Cache) Awaits(r *http.Request) bool {
	key, ok := c.o.Key(r)
	if !ok {
		return false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.pages[key] != nil || c.flights[key] != nil
}

// wirable says whether headers can be written as they are.
func wirable(fields []field) bool {
	for _, f := range fields {
		if strings.ContainsAny(f.name, "\r\n: ") {
			return false
		}
		for _, v := range f.values {
			if strings.ContainsAny(v, "\r\n") {
				return false
			}
		}
	}
	return true
}

// dated is the Date of answers in one second.
type dated struct {
	second int64
	text   string
}

var today atomic.Pointer[dated]

// date is the header of now: RFC 9110, 6.6.1.
func date() string {
	now := time.Now()
	d := today.Load()
	if d == nil || d.second != now.Unix() {
		d = &dated{now.Unix(), now.UTC().Format(http.TimeFormat)}
		today.Store(d)
	}
	return d.text
}
