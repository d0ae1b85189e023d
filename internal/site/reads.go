package site

import (
	"hash/maphash"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"stet/internal/article"
	"stet/internal/page"
	"stet/internal/reads"
	"stet/internal/settings"
)

// mostRead are the articles read most, with who says so; nil where nobody read any.
func (v *visit) mostRead(in frontIn) *mostRead {
	if len(in.mostRead) == 0 {
		return nil
	}
	m := &mostRead{Said: page.T("most-read.day"), Counted: page.T("most-read.server")}
	if in.longer {
		m.Said = page.T("most-read.week")
	}
	if v.is.ReadsBy == settings.ReadsByBeacon {
		m.Counted = page.T("most-read.beacon")
	}
	for _, c := range in.mostRead {
		l := page.Link{URL: href(c.Path), Text: c.Headline}
		if text, _ := v.foreign(c.Language); text != nil {
			l.Lang = text.Lang
		}
		m.Links = append(m.Links, l)
	}
	return m
}

// read takes what the script of an article's page sends once it is read. It answers the same to everybody: who isn't counted needn't know.
func (a *articles) read(w http.ResponseWriter, r *http.Request, l *article.Live) error {
	v, err := a.visit(r)
	if err != nil {
		return err
	}
	if v.is.ReadsBy == settings.ReadsByBeacon && reads.ByReader(r.Header) && a.calm.allows(a.ClientIP(r), a.Now()) {
		a.Reads.Add(l.ID)
	}
	page.Private(w)
	w.Header().Set("X-Robots-Tag", "noindex")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// What one address may have counted in a minute, and how many addresses are told apart in one.
const (
	beaconsEach = 60
	beaconsFrom = 1 << 16
)

// calm keeps one address from counting for many. It holds hashes for a minute at most, under a seed that only this process has.
type calm struct {
	seed maphash.Seed

	mu     sync.Mutex
	minute time.Time
	from   map[uint64]int
}

func newCalm() *calm { return &calm{seed: maphash.MakeSeed()} }

func (c *calm) allows(from netip.Addr, now time.Time) bool {
	key := maphash.Comparable(c.seed, from)
	c.mu.Lock()
	defer c.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(c.minute) {
		c.minute, c.from = minute, map[uint64]int{}
	}
	if n, known := c.from[key]; n >= beaconsEach || !known && len(c.from) >= beaconsFrom {
		return false
	}
	c.from[key]++
	return true
}
