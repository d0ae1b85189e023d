package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/netip"

	"stet/internal/comment"
)

// posted is a comment that came in.
type posted struct {
	id    int64
	token string
}

// planThread adds the steps of comments that answer parent, or the article where that is nil, and of what answers them.
func (s *story) planThread(w *work, parent *posted, list []said, add func(ago, func(context.Context) error)) {
	for _, c := range list {
		p := &posted{}
		add(c.Ago, func(ctx context.Context) error { return w.named("comment", s.comment(ctx, w, parent, p, c)) })
		for _, d := range c.Acts {
			add(d.Ago, func(ctx context.Context) error { return w.named(d.Act+" of a comment", s.decide(ctx, p, d)) })
		}
		for _, r := range c.Reports {
			s.planComplaint(w, p, r, add)
		}
		s.planThread(w, p, c.Replies, add)
	}
}

// comment takes one in, under the version that stood then, and keeps its id and receipt in p.
func (s *story) comment(ctx context.Context, w *work, parent, p *posted, c said) (err error) {
	if c.Staff != "" {
		if parent == nil {
			return fmt.Errorf("%s answers nobody", c.Staff)
		}
		p.id, err = s.comments.Reply(ctx, s.people[c.Staff], parent.id, c.Body)
		return err
	}
	in := comment.In{ArticleID: w.id, Name: c.Name, Email: c.Email, Body: c.Body, Version: w.number, Address: addressOf(c.Email)}
	if parent != nil {
		in.Parent = parent.id
	}
	if p.token, err = s.comments.Post(ctx, in); err != nil {
		return err
	}
	if len(c.Acts)+len(c.Replies)+len(c.Reports) == 0 {
		return nil
	}
	r, err := s.comments.ByToken(ctx, p.token)
	p.id = r.ID
	return err
}

// decide performs one act on a comment: its writer's, with the receipt, or a moderator's.
func (s *story) decide(ctx context.Context, p *posted, d decision) error {
	by := s.people[d.By]
	switch d.Act {
	case "erase":
		return s.comments.Delete(ctx, p.token)
	case "edit":
		return s.comments.Edit(ctx, p.token, d.Body)
	case "appeal":
		return s.comments.Appeal(ctx, p.token, d.Body)
	case "pin":
		return s.comments.Pin(ctx, by, p.id, true)
	case "ban":
		return s.ban(ctx, p, d)
	case "keep":
		item, err := s.comments.CommentOf(ctx, by, p.id)
		if err != nil {
			return err
		}
		return s.comments.SetHeld(ctx, by, item.Person.ID, true)
	case "send":
		_, err := s.reports.FromComment(ctx, by, p.id)
		return err
	}
	return s.comments.Decide(ctx, by, comment.Pick{ID: p.id}, comment.Act(d.Act), d.Reason)
}

func (s *story) ban(ctx context.Context, p *posted, d decision) error {
	in := comment.BanIn{CommentID: p.id, Reason: d.Reason, Domain: d.Domain}
	if d.Days > 0 {
		until := s.clock.AddDate(0, 0, d.Days)
		in.Until = &until
	}
	_, err := s.comments.Ban(ctx, s.people[d.By], in)
	return err
}

// addressOf gives each reader an address of their own, out of the range that is kept for examples.
func addressOf(email string) netip.Addr {
	sum := sha256.Sum256([]byte(email))
	return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, sum[0], sum[1], sum[2], sum[3], 15: 1})
}
