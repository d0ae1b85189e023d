package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stet/internal/comment"
	"stet/internal/report"
)

// planRules adds the making of the rules that look for words.
func (s *story) planRules(add func(ago, func(context.Context) error)) {
	for _, r := range s.content.Rules {
		add(r.Ago, func(ctx context.Context) error {
			_, err := s.comments.SaveRule(ctx, s.people[r.By], comment.Rule{Kind: r.Kind, Name: r.Name, Act: comment.Act(r.Act), Words: strings.Join(r.Words, "\n"),
				CategoryID: s.categories[r.Category], PassTrusted: r.PassTrusted, Told: r.Told, Active: r.Active})
			if err != nil {
				return fmt.Errorf("rule %s: %w", r.Name, err)
			}
			return nil
		})
	}
}

// planOpinions has both moderators answer, twice, what a second opinion is wanted on. What is wanted since then waits.
func (s *story) planOpinions(add func(ago, func(context.Context) error)) {
	for _, at := range []time.Duration{100 * time.Hour, 9 * time.Hour} {
		for i, key := range []string{"maren", "ansel"} {
			add(ago(at-time.Duration(i)*time.Minute), func(ctx context.Context) error { return s.opine(ctx, key) })
		}
	}
}

// opine answers each as a person would who goes by the links alone, so that not all agree.
func (s *story) opine(ctx context.Context, key string) error {
	wanted, _, err := s.comments.Queue(ctx, s.people[key], comment.Filter{Status: comment.Second})
	if err != nil {
		return err
	}
	for _, item := range wanted {
		act := comment.Approve
		if strings.Contains(item.Text, ".example") {
			act = comment.MarkSpam
		}
		if _, err := s.comments.GiveOpinion(ctx, s.people[key], item.Opinion, act); err != nil {
			return fmt.Errorf("second opinion: %w", err)
		}
	}
	return nil
}

// planComplaint adds a reader's report of a comment and what became of it.
func (s *story) planComplaint(w *work, p *posted, r complaint, add func(ago, func(context.Context) error)) {
	var token string
	add(r.Ago, func(ctx context.Context) (err error) {
		token, err = s.comments.ReportComment(ctx, comment.ReportIn{CommentID: p.id, ArticleID: w.id, Reason: r.Reason, Ground: r.Ground, Detail: r.Detail, Name: r.Name,
			Email: r.Email, GoodFaith: r.Reason == comment.Illegal, Address: addressOf(r.Detail)})
		return w.named("report of a comment", err)
	})
	for _, a := range r.Acts {
		add(a.Ago, func(ctx context.Context) error { return w.named("answer to a report", s.rule(ctx, p, token, a)) })
	}
}

// rule answers the open report of a comment, or has its reader appeal.
func (s *story) rule(ctx context.Context, p *posted, token string, a ruling) error {
	if a.Act == "appeal" {
		return s.comments.AppealReport(ctx, token, a.Answer)
	}
	open, _, err := s.comments.Reports(ctx, s.people[a.By], comment.OpenReports, 0)
	if err != nil {
		return err
	}
	for _, r := range open {
		if r.CommentID == p.id {
			return s.comments.DecideReport(ctx, s.people[a.By], r.ID, comment.Ruling{Upheld: a.Act == "remove", Answer: a.Answer})
		}
	}
	return fmt.Errorf("no report is open")
}

// planMistakes adds the errors that readers report in a piece, and how they are answered.
func (s *story) planMistakes(w *work, add func(ago, func(context.Context) error)) {
	for _, m := range w.Errors {
		add(m.Ago, func(ctx context.Context) error {
			_, err := s.reports.Report(ctx, report.In{ArticleID: w.id, Version: w.number, Quote: m.Quote, Body: m.Body, Name: m.Name, Email: m.Email, Credit: m.Credit,
				Address: addressOf(m.Body)})
			return w.named("report of an error", err)
		})
		for _, f := range m.Acts {
			add(f.Ago, func(ctx context.Context) error { return w.named(f.Act+" of an error", s.find(ctx, w, m, f)) })
		}
	}
}

// find answers one report of an error.
func (s *story) find(ctx context.Context, w *work, m mistake, f finding) error {
	by := s.people[f.By]
	l, err := s.line(ctx, w, m, f)
	if err != nil {
		return err
	}
	switch f.Act {
	case "check":
		return s.reports.Check(ctx, by, l.ID, l.Status)
	case "decline":
		return s.reports.Decline(ctx, by, l.ID, l.Status, f.Reason)
	case "correct":
		return s.reports.Correct(ctx, by, l.ID, l.Status, f.Notice)
	}
	return fmt.Errorf("unknown act")
}

// line is the report as it stands in the newsroom's list, where nobody answered it yet.
func (s *story) line(ctx context.Context, w *work, m mistake, f finding) (report.Line, error) {
	for _, status := range []report.Status{report.Open, report.Checking} {
		list, err := s.reports.List(ctx, s.people[f.By], report.Filter{Status: status, ArticleID: w.id})
		if err != nil {
			return report.Line{}, err
		}
		for _, l := range list.Lines {
			if l.Body == m.Body {
				return l, nil
			}
		}
	}
	return report.Line{}, fmt.Errorf("nothing like it is open")
}
