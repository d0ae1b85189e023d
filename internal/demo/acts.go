package demo

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"stet/internal/article"
)

// work is an article or page as the story has it now.
type work struct {
	*piece
	kind   article.Kind
	id     int64
	head   int // number of its newest revision
	number int // of the newest row of its record
	path   string
	draft  article.Draft // links and pictures in it still stand for what they lead to
}

// plan adds the steps of a piece.
func (s *story) plan(w *work, add func(ago, func(context.Context) error)) {
	s.works[w.Slug] = w
	add(w.Ago, func(ctx context.Context) error { return w.named("draft", s.write(ctx, w)) })
	for _, a := range w.Acts {
		add(a.Ago, func(ctx context.Context) error { return w.named(a.Act, s.act(ctx, w, a)) })
	}
	s.planThread(w, nil, w.Thread, add)
	s.planMistakes(w, add)
}

func (w *work) named(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s of %s: %w", what, w.Slug, err)
	}
	return nil
}

// write makes the first draft.
func (s *story) write(ctx context.Context, w *work) (err error) {
	folder := "articles"
	if w.kind == article.KindPage {
		folder = "pages"
	}
	body, err := text(folder, w.Slug+".html")
	if err != nil {
		return err
	}
	language := w.Language
	if language == "" {
		language = s.content.Site.Language
	}
	w.draft = article.Draft{Headline: w.Headline, Standfirst: w.Standfirst, Kicker: w.Kicker, Dateline: w.Dateline, Label: w.Label, Slug: w.Slug, Language: language,
		Body: body, Category: w.Category, Also: w.Also, Tags: w.Tags, Authors: w.Authors, Comments: w.Comments, Live: w.Live}
	if err := s.illustrate(ctx, w); err != nil {
		return err
	}
	if w.id, err = s.articles.Create(ctx, s.people[w.By], w.kind, ""); err != nil {
		return err
	}
	w.head = 1
	return s.save(ctx, w, w.By, w.Note)
}

// illustrate sets the lead picture, with the picture's own words where the piece has none.
func (s *story) illustrate(ctx context.Context, w *work) error {
	if w.Image == nil {
		return nil
	}
	p, err := s.gallery.wait(ctx, w.Image.File)
	if err != nil {
		return err
	}
	w.draft.Image = p.id
	w.draft.ImageAlt, w.draft.ImageCaption, w.draft.ImageCredit = or(w.Image.Alt, p.Alt), or(w.Image.Caption, p.Caption), or(w.Image.Credit, p.Credit)
	return nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (s *story) save(ctx context.Context, w *work, by, note string) error {
	in := article.SaveIn{Draft: w.draft, Base: w.head}
	in.Note = note
	var err error
	if in.Body, err = s.resolve(ctx, w.draft.Body); err != nil {
		return err
	}
	saved, err := s.articles.Save(ctx, s.people[by], w.id, in)
	w.head = saved.Number
	return err
}

// act performs one act on a piece: its edits are saved first, then it is done.
func (s *story) act(ctx context.Context, w *work, a act) error {
	for _, e := range a.Edits {
		if err := w.edit(e); err != nil {
			return err
		}
	}
	if len(a.Edits) > 0 {
		if err := s.save(ctx, w, a.By, a.Note); err != nil {
			return err
		}
	}
	notice, err := s.notice(ctx, a.Notice)
	if err != nil {
		return err
	}
	by := s.people[a.By]
	switch a.Act {
	case "save":
		return nil
	case "submit":
		return s.articles.Submit(ctx, by, w.id)
	case "retract":
		return s.articles.Retract(ctx, by, w.id, notice)
	case "amend":
		return w.went(s.articles.Amend(ctx, by, w.id, a.Amends, notice))
	case "publish":
		return w.went(s.articles.Publish(ctx, by, w.id, article.PublishIn{Revision: w.head}))
	case "schedule":
		return s.schedule(ctx, w, a)
	}
	if len(a.Edits) == 0 {
		return w.went(s.articles.Append(ctx, by, w.id, article.NoticeIn{Kind: a.Act, Notice: notice, Pinned: a.Pinned}))
	}
	return w.went(s.articles.Publish(ctx, by, w.id, article.PublishIn{Revision: w.head, Kind: a.Act, Notice: notice, Pinned: a.Pinned}))
}

// went notes where the record of a piece stands after an act.
func (w *work) went(out article.Outcome, err error) error {
	w.number, w.path = out.Number, out.Path
	return err
}

// schedule plans the first publication at the wall time that a.At names, on the day after the demo is made.
func (s *story) schedule(ctx context.Context, w *work, a act) error {
	at, err := s.tomorrow(a.At)
	if err != nil {
		return err
	}
	_, err = s.articles.Publish(ctx, s.people[a.By], w.id, article.PublishIn{Revision: w.head, At: &at})
	return err
}

// tomorrow is the wall time that the content names, on the day after the demo is made.
func (s *story) tomorrow(text string) (time.Time, error) {
	clock, ok := strings.CutPrefix(text, "tomorrow ")
	if !ok {
		return time.Time{}, fmt.Errorf("unknown time %q", text)
	}
	return article.ParseAt(s.made.In(s.zone).AddDate(0, 0, 1).Format("2006-01-02")+"T"+clock, s.zone)
}

// edit changes one passage of the draft.
func (w *work) edit(e edit) error {
	fields := map[string]*string{"body": &w.draft.Body, "standfirst": &w.draft.Standfirst, "image_caption": &w.draft.ImageCaption}
	field, known := fields[e.Field]
	if !known {
		return fmt.Errorf("unknown field %q", e.Field)
	}
	if n := strings.Count(*field, e.From); n != 1 {
		return fmt.Errorf("%q stands %d times in %s", e.From, n, e.Field)
	}
	*field = strings.Replace(*field, e.From, e.To, 1)
	return nil
}

func (s *story) notice(ctx context.Context, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	html, err := text("notices", file)
	if err != nil {
		return "", err
	}
	return s.resolve(ctx, html)
}

var placeholder = regexp.MustCompile(`(?:href="article|src="picture|href="file):([^"]+)"`)

// resolve puts addresses, pictures and files where the content names them. An article must be public by then.
func (s *story) resolve(ctx context.Context, html string) (string, error) {
	var failed error
	out := placeholder.ReplaceAllStringFunc(html, func(found string) string {
		name := placeholder.FindStringSubmatch(found)[1]
		if !strings.HasPrefix(found, `href="article`) {
			p, err := s.gallery.wait(ctx, name)
			if err != nil {
				failed = err
				return found
			}
			return fmt.Sprintf(`data-media="%d"`, p.id)
		}
		w := s.works[name]
		if w == nil || w.path == "" {
			failed = fmt.Errorf("a link leads to %s, which isn't public by then", name)
			return found
		}
		return fmt.Sprintf(`href="%s"`, w.path)
	})
	return out, failed
}
