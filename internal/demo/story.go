package demo

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"stet/internal/article"
	"stet/internal/author"
	"stet/internal/comment"
	"stet/internal/front"
	"stet/internal/reads"
	"stet/internal/report"
	"stet/internal/settings"
	"stet/internal/staff"
	"stet/internal/taxonomy"
)

// story is the making of one newsroom. It is told by one goroutine; only the gallery is filled beside it.
type story struct {
	content  *content
	staff    staff.Store
	settings settings.Store
	taxonomy *taxonomy.Store
	authors  *author.Store
	articles article.Store
	comments comment.Store
	reports  report.Store
	reads    *reads.Store
	fronts   front.Store
	gallery  *gallery
	count    counter

	made  time.Time // when the demo is made: what ago counts from
	clock time.Time // where the story is
	zone  *time.Location

	people  map[string]staff.Actor
	admin   staff.Actor
	works   map[string]*work // by slug
	signIns []SignIn

	categories map[string]int64 // by slug
}

// step is one act at its time.
type step struct {
	ago ago
	do  func(context.Context) error
}

func newStory(m *Making, now time.Time) *story {
	n, c := m.newsroom, m.content
	s := &story{content: c, staff: *n.Staff, settings: *n.Settings, taxonomy: n.Taxonomy, authors: n.Authors, articles: *n.Articles, comments: *n.Comments, reports: *n.Reports, reads: n.Reads, fronts: *n.Fronts,
		made: now, people: map[string]staff.Actor{}, works: map[string]*work{}, categories: map[string]int64{}}
	first := now
	for _, p := range slices.Concat(c.Articles, c.Pages) {
		if at := now.Add(-time.Duration(p.Ago)); at.Before(first) {
			first = at
		}
	}
	s.clock = first.Add(-time.Hour)
	at := s.clock
	told := func() time.Time { return s.clock }
	s.staff.Now, s.settings.Now, s.articles.Now, s.comments.Now, s.reports.Now, s.fronts.Now = told, told, told, told, told, told
	s.gallery = m.gallery
	s.gallery.store.Now = func() time.Time { return at }
	return s
}

// steps are all acts of all pieces and comments, in the order of their times.
func (s *story) steps() []step {
	var out []step
	add := func(a ago, do func(context.Context) error) { out = append(out, step{a, do}) }
	for i := range s.content.Articles {
		s.plan(&work{piece: &s.content.Articles[i], kind: article.KindArticle}, add)
	}
	for i := range s.content.Pages {
		s.plan(&work{piece: &s.content.Pages[i], kind: article.KindPage}, add)
	}
	s.planFronts(add)
	s.planRules(add)
	s.planOpinions(add)
	slices.SortStableFunc(out, func(a, b step) int { return cmp.Compare(b.ago, a.ago) })
	return out
}

// tell performs the whole story.
func (s *story) tell(ctx context.Context, steps []step) error {
	for _, open := range []func(context.Context) error{s.hire, s.settle, s.arrange, s.introduce} {
		if err := open(ctx); err != nil {
			return err
		}
	}
	for _, step := range steps {
		s.clock = s.made.Add(-time.Duration(step.ago))
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s ago: %w", time.Duration(step.ago), err)
		}
		s.count.add()
	}
	return nil
}

// hire adds the people, two at a time as each password's hash keeps a core busy, and keeps the sign-ins of those who show what one role can do.
func (s *story) hire(ctx context.Context) error {
	people := make([]staff.Actor, len(s.content.Staff))
	g, within := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for i, p := range s.content.Staff {
		password := strings.ToLower(rand.Text()[:20])
		sole := len(p.Roles) == 1 && !slices.ContainsFunc(s.signIns, func(in SignIn) bool { return in.Role == p.Roles[0] })
		if sole {
			s.signIns = append(s.signIns, SignIn{Role: p.Roles[0], Name: p.Name, Email: p.Email, Password: password})
		}
		g.Go(func() error {
			roles, err := staff.ParseRoles(p.Roles)
			if err != nil {
				return err
			}
			made, err := s.staff.Add(within, staff.System(), staff.NewPerson{Email: p.Email, Name: p.Name, Password: password, Roles: roles})
			people[i] = staff.Actor{ID: made.ID, Name: made.Name, Roles: made.Roles}
			s.count.add()
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, p := range s.content.Staff {
		s.people[p.Key] = people[i]
		if s.admin.ID == 0 && people[i].Can(staff.Admin) {
			s.admin = people[i]
		}
	}
	return nil
}

// settle saves the site's settings.
func (s *story) settle(ctx context.Context) error {
	is, err := s.settings.Load(ctx)
	if err != nil {
		return err
	}
	c := s.content.Site
	is.Title, is.Motto, is.Description, is.Language, is.Zone = c.Title, c.Motto, c.Description, c.Language, c.Zone
	is.ContactEmail, is.Comments = c.ContactEmail, c.Comments
	is.TrustAfter, is.TrustDays, is.SecondOpinions, is.SavedReasons = c.TrustAfter, c.TrustDays, c.SecondOpinions, c.SavedReasons
	// The storm of the story began when a storm was ten people; the newsroom has since set it back.
	is.StormNewcomers = 10
	is.Social = nil
	for _, l := range c.Social {
		is.Social = append(is.Social, settings.Link(l))
	}
	s.zone = is.Location()
	return s.settings.Save(ctx, s.admin.ID, is)
}

// calm sets back what counts as a storm, after one.
func (s *story) calm(ctx context.Context) error {
	is, err := s.settings.Load(ctx)
	if err != nil {
		return err
	}
	is.StormNewcomers = 60
	return s.settings.Save(ctx, s.admin.ID, is)
}

// arrange makes the categories.
func (s *story) arrange(ctx context.Context) error { return s.branch(ctx, 0, s.content.Categories) }

func (s *story) branch(ctx context.Context, parent int64, list []category) error {
	for i, c := range list {
		made, err := s.taxonomy.Create(ctx, s.admin, taxonomy.CategoryIn{ParentID: parent, Slug: c.Slug, Name: c.Name, Description: c.Description, Position: i,
			Comments: c.Comments, CommentsCloseDays: c.CloseDays})
		if err != nil {
			return err
		}
		s.categories[c.Slug] = made.ID
		if err := s.branch(ctx, made.ID, c.Children); err != nil {
			return err
		}
	}
	return nil
}

// introduce makes the authors' profiles.
func (s *story) introduce(ctx context.Context) error {
	for _, a := range s.content.Authors {
		portrait, err := s.gallery.wait(ctx, a.Portrait)
		if err != nil {
			return err
		}
		in := author.In{Slug: a.Slug, Name: a.Name, Role: a.Role, Biography: a.Biography, Portrait: portrait.id, StaffID: s.people[a.Staff].ID}
		for _, l := range a.Links {
			in.Links = append(in.Links, author.Link(l))
		}
		if _, err := s.authors.Create(ctx, s.admin, in); err != nil {
			return err
		}
	}
	for key, who := range s.people {
		// Read anew: who has a profile now is printed under it.
		actor, err := s.staff.Actor(ctx, who.ID)
		if err != nil {
			return err
		}
		s.people[key] = actor
	}
	return nil
}
