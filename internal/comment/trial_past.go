package comment

import (
	"slices"
	"time"
	"unicode/utf8"
)

// history is what a trial has seen of the comments before the one at hand.
type history struct {
	persons map[int64]*pastPerson
	texts   map[string][]utterance
	near    map[string][]time.Time
	most    int // of the same kind that the rule asks for
}

// utterance is a text that somebody said before.
type utterance struct {
	by int64
	at time.Time
}

// pastPerson is when somebody wrote, and what became of it, oldest first.
type pastPerson struct {
	last    time.Time
	decided []tried
}

func newHistory(most int) history {
	return history{persons: map[int64]*pastPerson{}, texts: map[string][]utterance{}, near: map[string][]time.Time{}, most: most}
}

// look tells a candidate of what came before it.
func (h *history) look(put *candidate, c *tried, after int, span time.Duration) {
	if p := h.persons[c.Person]; p != nil && c.Person != 0 {
		put.Last = &p.last
		put.Trusted = p.trusted(c.PostedAt, after, span)
	}
	for _, s := range slices.Backward(h.texts[c.Body]) {
		if len(put.Copies) < h.most && (s.by != c.Person || c.Person == 0) {
			put.Copies = append(put.Copies, s.at)
		}
	}
	if near := h.near[c.Address]; c.Address != "" {
		put.Near = slices.Clone(near[max(0, len(near)-h.most):])
		slices.Reverse(put.Near)
	}
}

func (h *history) add(c *tried) {
	if c.Person != 0 {
		p := h.persons[c.Person]
		if p == nil {
			p = &pastPerson{}
			h.persons[c.Person] = p
		}
		p.last = c.PostedAt
		p.decided = append(p.decided, tried{Status: c.Status, DecidedAt: c.DecidedAt})
	}
	if utf8.RuneCountInString(c.Body) >= duplicateFrom {
		h.texts[c.Body] = append(h.texts[c.Body], utterance{c.Person, c.PostedAt})
	}
	if c.Address != "" {
		h.near[c.Address] = append(h.near[c.Address], c.PostedAt)
	}
}

// trusted reports whether somebody had earned to be let through at a time: approved often enough within the span, and nothing refused
// among their last ten.
func (p *pastPerson) trusted(at time.Time, after int, span time.Duration) bool {
	if after == 0 {
		return false
	}
	approved, last := 0, 0
	for _, d := range slices.Backward(p.decided) {
		if d.DecidedAt.After(at) {
			continue
		}
		if last++; last <= 10 && d.Status != Approved {
			return false
		}
		if d.Status == Approved && d.DecidedAt.After(at.Add(-span)) {
			approved++
		}
	}
	return approved >= after
}
